import { Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import classes from './page-heading.module.css';

interface PageHeadingProps {
  readonly title: string;
  /** Beside the title: what can be done with the whole page. */
  readonly children?: ReactNode;
}

/** The one `h1` of a page. It names the document too, and takes the focus when somebody has come here from another page. */
export function PageHeading({ title, children }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${title} · Throughline`;
  }, [title]);
  useEffect(() => {
    if (pathname !== focusedPathname && focusedPathname !== undefined) heading.current?.focus();
    focusedPathname = pathname;
  }, [pathname]);
  return (
    <div className={classes['row']}>
      <Title order={1} ref={heading} tabIndex={-1} className={classes['title']}>
        {title}
      </Title>
      {children}
    </div>
  );
}

/** Where the focus was put last; the first page that is opened leaves it at the start of the document. */
let focusedPathname: string | undefined;
