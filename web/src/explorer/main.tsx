import '@mantine/core/styles.css';
import './explorer.css';

import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { passing } from './api';
import { App, preload } from './App';

const theme = createTheme({
  respectReducedMotion: true,
  primaryColor: 'blue',
  // Mantine's usual blue is too pale for text on white.
  primaryShade: { light: 8, dark: 8 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  defaultRadius: 'sm',
  components: { Anchor: { defaultProps: { underline: 'hover' } } },
});

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => passing(error) && failures < 2,
      retryDelay: (failures) => 500 * 2 ** failures,
    },
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
await preload(window.location.pathname).catch(() => undefined); // the page itself will say what is wrong
createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </QueryClientProvider>
  </MantineProvider>,
);
