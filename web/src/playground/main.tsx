import '@graphiql/react/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createRoot } from 'react-dom/client';
import { examples } from './examples';
import { examplesPlugin } from './ExamplesPlugin';
import { Notice } from './Notice';

// How many examples wait in tabs; the Examples panel has the rest.
const readyTabs = 6;

const fetcher = createGraphiQLFetcher({ url: '/graphql' });
const shared = new URLSearchParams(window.location.search).get('query') ?? undefined;
const plugins = [examplesPlugin, HISTORY_PLUGIN];

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(
  <div className="page">
    <Notice />
    <main>
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        referencePlugin={DOC_EXPLORER_PLUGIN}
        defaultTabs={examples.slice(0, readyTabs).map(({ query }) => ({ query }))}
        initialQuery={shared}
      >
        <GraphiQL.Logo>
          <span />
        </GraphiQL.Logo>
      </GraphiQL>
    </main>
  </div>,
);
