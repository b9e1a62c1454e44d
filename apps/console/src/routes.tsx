import { lazy } from 'react';
import { createBrowserRouter } from 'react-router';
import { CataloguePage } from './catalogue/catalogue-page.tsx';
import { NewProductPage } from './product/new-product-page.tsx';
import { ProductPage } from './product/product-page.tsx';
import { CrashPage } from './shell/crash-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { Shell } from './shell/shell.tsx';

export function createRouter() {
  return createBrowserRouter([
    {
      element: <Shell />,
      errorElement: <CrashPage />,
      children: [
        { index: true, element: <CataloguePage /> },
        { path: 'products/new', element: <NewProductPage /> },
        { path: 'products/:productId', element: <ProductPage /> },
        { path: 'operations', element: <OperationsPage /> },
        { path: '*', element: <NotFoundPage /> },
      ],
    },
  ]);
}

/** Its charts are most of what there is to load. What stands around the page does not wait for them. */
const OperationsPage = lazy(async () => {
  const page = await import('./operations/operations-page.tsx');
  return { default: page.OperationsPage };
});
