import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { takeTokenFromAddress } from './session/token-store.ts';

takeTokenFromAddress();
// An address with a token that is opened in the tab that shows the page already changes nothing but its end.
addEventListener('hashchange', takeTokenFromAddress);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the console.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
