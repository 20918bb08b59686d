import {
  ActionIcon,
  Anchor,
  AppShell,
  Box,
  Burger,
  Button,
  Container,
  Group,
  Kbd,
  Menu,
  NavLink,
  Text,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconMoonStars, IconSearch, IconSun, IconSunMoon } from '@tabler/icons-react';
import { Suspense, useEffect, useRef } from 'react';
import { Link, Route, Routes, useLocation, useNavigationType, useSearchParams } from 'react-router';
import { useCatalog } from './catalog';
import { Boundary } from './parts/Boundary';
import { Waiting } from './parts/Faces';
import { announcerId, Heading } from './parts/Heading';
import { SearchBox } from './parts/SearchBox';
import { Overview } from './pages/Overview';
import { page } from './page';
import { carried } from './question';

const Matrix = page(() => import('./pages/Matrix'));
const Technique = page(() => import('./pages/Technique'));
const Overlap = page(() => import('./pages/Overlap'));
const Gaps = page(() => import('./pages/Gaps'));
const Crosswalk = page(() => import('./pages/Crosswalk'));
const Compare = page(() => import('./pages/Compare'));
const Graph = page(() => import('./pages/Graph'));
const Framework = page(() => import('./pages/Framework'));
const Capability = page(() => import('./pages/Capability'));
const Actor = page(() => import('./pages/Actor'));
const Diff = page(() => import('./pages/Diff'));
const Search = page(() => import('./pages/Search'));
const About = page(() => import('./pages/About'));

const byPath: Record<string, { preload: () => Promise<void> }> = {
  matrix: Matrix,
  technique: Technique,
  overlap: Overlap,
  gaps: Gaps,
  crosswalk: Crosswalk,
  compare: Compare,
  graph: Graph,
  framework: Framework,
  capability: Capability,
  group: Actor,
  software: Actor,
  campaign: Actor,
  diff: Diff,
  search: Search,
  about: About,
};

/** Gets the script of the page at a path, so that the first picture is the page and not its waiting. */
export const preload = async (path: string) => byPath[path.split('/')[1] ?? '']?.preload();

const pages = [
  ['matrix', 'Matrix'],
  ['overlap', 'Overlap'],
  ['gaps', 'Gaps'],
  ['crosswalk', 'Crosswalk'],
  ['graph', 'Graph'],
  ['diff', 'Diff'],
  ['about', 'About the data'],
] as const;

export function App() {
  const [menu, { toggle, close }] = useDisclosure();
  const [search, searching] = useDisclosure();
  const location = useLocation();
  const [params] = useSearchParams();
  useHotkeys([
    ['mod+K', searching.open],
    ['/', searching.open],
  ]);
  useEffect(close, [location.pathname, close]);
  useArrival();
  const keep = carried(params);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 260, breakpoint: 'md', collapsed: { desktop: true, mobile: !menu } }} padding={0}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header className="no-print">
        <Group h="100%" px="md" gap="md" wrap="nowrap">
          <Burger opened={menu} onClick={toggle} hiddenFrom="md" size="sm" aria-label="Pages" />
          <Anchor component={Link} to={`/${keep}`} className="brand" underline="never">
            mapgraph
          </Anchor>
          <Group component="nav" aria-label="Pages" gap={4} visibleFrom="md" wrap="nowrap">
            {pages.map(([path, title]) => (
              <Button
                key={path}
                component={Link}
                to={`/${path}${keep}`}
                size="compact-md"
                variant={location.pathname === `/${path}` ? 'light' : 'subtle'}
                color={location.pathname === `/${path}` ? 'blue' : 'gray'}
                aria-current={location.pathname === `/${path}` ? 'page' : undefined}
                className="nav-button"
              >
                {title}
              </Button>
            ))}
            <Button component="a" href="/playground" size="compact-md" variant="subtle" color="gray" className="nav-button">
              Playground
            </Button>
          </Group>
          <Box flex={1} />
          <Button
            variant="default"
            size="sm"
            leftSection={<IconSearch size={16} aria-hidden />}
            onClick={searching.open}
            className="search-button"
          >
            <span className="wide-only">
              Search <Kbd size="xs">Ctrl K</Kbd>
            </span>
          </Button>
          <SchemeMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" className="no-print">
        {pages.map(([path, title]) => (
          <NavLink key={path} component={Link} to={`/${path}${keep}`} label={title} active={location.pathname === `/${path}`} />
        ))}
        <NavLink component="a" href="/playground" label="Playground" />
      </AppShell.Navbar>
      <div id={announcerId} role="status" className="visually-hidden" />
      <AppShell.Main id="main" tabIndex={-1}>
        <Boundary key={location.pathname}>
          <Suspense fallback={<Waiting />}>
            <Routes>
              <Route path="/" element={<Overview />} />
              <Route path="/matrix" element={<Matrix />} />
              <Route path="/technique/:id" element={<Technique />} />
              <Route path="/overlap" element={<Overlap />} />
              <Route path="/gaps" element={<Gaps />} />
              <Route path="/crosswalk" element={<Crosswalk />} />
              <Route path="/compare" element={<Compare />} />
              <Route path="/graph" element={<Graph />} />
              <Route path="/framework/:id" element={<Framework />} />
              <Route path="/capability/:framework/*" element={<Capability />} />
              <Route path="/group/:id" element={<Actor kind="group" />} />
              <Route path="/software/:id" element={<Actor kind="software" />} />
              <Route path="/campaign/:id" element={<Actor kind="campaign" />} />
              <Route path="/diff" element={<Diff />} />
              <Route path="/search" element={<Search />} />
              <Route path="/about" element={<About />} />
              <Route path="*" element={<Nowhere />} />
            </Routes>
          </Suspense>
        </Boundary>
        <Footer />
      </AppShell.Main>
      <SearchBox opened={search} onClose={searching.close} />
    </AppShell>
  );
}

/**
 * Another page begins at its top, with the keyboard in it. Back and forth is left to the browser, which knows where one
 * was, and so is the first page.
 */
function useArrival() {
  const { pathname } = useLocation();
  const back = useNavigationType() === 'POP';
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (!back) window.scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [pathname, back]);
}

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icons = { light: <IconSun size={18} />, dark: <IconMoonStars size={18} />, auto: <IconSunMoon size={18} /> };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={`Colours: ${colorScheme}`}>
          {icons[colorScheme]}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(['auto', 'light', 'dark'] as const).map((scheme) => (
          <Menu.Item key={scheme} leftSection={icons[scheme]} onClick={() => setColorScheme(scheme)}>
            {scheme === 'auto' ? 'as the system' : scheme}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Footer() {
  const { data } = useCatalog();
  return (
    <Container component="footer" fluid className="footer">
      <Text size="sm">
        <strong>Mapped</strong> means that somebody tied a capability to the technique. It does not mean that the technique is prevented, or
        that the capability is switched on.{' '}
        <Anchor component={Link} to="/about" size="sm" underline="always">
          About the data
        </Anchor>
        {data?.dataset.edition === 'FACTS' && ' · Facts edition: no descriptions and comments; mapgraph fetch gets them.'}
      </Text>
      <Text size="xs">
        © 2015-2025, The MITRE Corporation. ATT&amp;CK is reproduced and distributed with the permission of The MITRE Corporation. Mappings:
        Center for Threat-Informed Defense, Apache License 2.0.
      </Text>
    </Container>
  );
}

function Nowhere() {
  return (
    <Container py="xl">
      <Heading>There is nothing here</Heading>
      <p>
        Go to the <Link to="/">overview</Link>, or search with <Kbd>Ctrl</Kbd> <Kbd>K</Kbd>.
      </p>
    </Container>
  );
}
