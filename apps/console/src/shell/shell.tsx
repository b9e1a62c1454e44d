import { Suspense } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration } from 'react-router';
import { Announcer } from '../live/announcer.tsx';
import { LiveSign } from '../live/live-sign.tsx';
import { SessionButton } from '../session/session-button.tsx';
import { useAccess } from '../session/use-access.ts';
import { AwayBanner } from './away-banner.tsx';
import { ColourSchemeButton } from './colour-scheme-button.tsx';
import mark from './favicon.svg';
import classes from './shell.module.css';

/** What stands around every page. */
export function Shell() {
  const { token } = useAccess();
  return (
    <>
      <a href="#main" className={classes['skip']}>
        Skip to the content
      </a>
      <header className={classes['header']}>
        <div className={classes['bar']}>
          <Link to="/" className={classes['brand']}>
            <img src={mark} width="28" height="28" alt="" />
            Throughline
          </Link>
          <nav aria-label="Pages" className={classes['pages']}>
            <NavLink to="/" end className={classes['page'] ?? ''}>
              Catalogue
            </NavLink>
            <NavLink to="/operations" className={classes['page'] ?? ''}>
              Operations
            </NavLink>
          </nav>
          <LiveSign key={token} />
          <div className={classes['tools']}>
            <SessionButton />
            <ColourSchemeButton />
          </div>
        </div>
        <AwayBanner />
      </header>
      <main id="main" tabIndex={-1} className={classes['main']}>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <Announcer />
      <ScrollRestoration />
    </>
  );
}
