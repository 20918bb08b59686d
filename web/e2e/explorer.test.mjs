// Drives the explorer in a real browser against the server at MAPGRAPH_URL: each
// page, its numbers against the API's, links, keyboard, faces of trouble, and
// accessibility by axe-core.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ask, base, launch, output, watched } from './browser.mjs';

const full = process.env.MAPGRAPH_TEST_EDITION === 'corpus';
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const settled = (page) =>
  page.waitForFunction(
    () => document.querySelector('h1') && !document.querySelector('.mantine-Loader-root') && !document.querySelector('.stale'),
  );

async function open(path, options) {
  const opened = await watched(browser, path, options);
  await settled(opened.page);
  return opened;
}

/** Runs axe and lists what is serious. */
async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => n.html.slice(0, 160))
          .join(' | ')}`,
    );
}

const technique = 'T1552.007';
const pages = {
  overview: ['/', 'Which controls'],
  matrix: ['/matrix?v=16.1', 'Matrix'],
  'matrix-threat': ['/matrix?v=16.1&f=aws&threat=groups&open=all&shade=best', 'Matrix'],
  technique: [`/technique/${technique}?v=16.1`, 'Container API'],
  overlap: ['/overlap?v=16.1&f=aws,azure,gcp,m365', 'Overlap'],
  venn: ['/overlap?v=16.1&f=aws,azure,gcp&as=venn&region=aws%2Bazure%2Bgcp', 'Overlap'],
  gaps: ['/gaps?v=16.1&f=aws,azure&group=G0016', 'Gaps'],
  crosswalk: ['/crosswalk?v=16.1&from=nist_800_53&to=aws', 'Crosswalk'],
  compare: ['/compare?v=16.1&a=aws/aws_shield&b=azure/azure_ddos_protection', 'Compare'],
  graph: [`/graph?node=technique:enterprise@16.1/${technique}`, 'Graph'],
  framework: ['/framework/nist_800_53?v=16.1', 'NIST SP 800-53'],
  capability: ['/capability/nist_800_53/AC-2?v=16.1', 'Account Management'],
  vulnerability: ['/capability/kev/CVE-2021-44228?v=16.1', 'Log4j2'],
  group: ['/group/G0016?v=16.1&f=aws', 'APT29'],
  software: ['/software/S0154?v=16.1', 'Cobalt Strike'],
  campaign: ['/campaign/C0024?v=16.1', 'SolarWinds'],
  diff: ['/diff?what=attack&from=16.1&to=18.1', 'What changed'],
  'diff-sets': ['/diff', 'What changed'],
  search: ['/search?q=container', 'Search'],
  about: ['/about', 'About the data'],
};

for (const [name, [path, heading]] of Object.entries(pages)) {
  test(`${name}: opens by its link, says no error, and keeps nobody out`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      const { context, page, problems } = await open(path, { colorScheme });
      assert.match(await page.locator('h1').first().textContent(), new RegExp(heading));
      assert.match(await page.title(), /^(?!mapgraph).+ · mapgraph$/);
      if (name === 'graph')
        await page.waitForFunction(() => /^[1-9]/.test(document.querySelector('[data-testid=graph-size]')?.textContent ?? ''));
      await page.screenshot({ path: `${output}${name}-${colorScheme}.png`, fullPage: !name.startsWith('matrix') });
      assert.deepEqual(await barriers(page), [], `${name}, ${colorScheme}`);
      assert.deepEqual(problems, [], `${name}, ${colorScheme}`);
      await context.close();
    }
  });
}

test('phone and 4K: nothing is wider than the window', async () => {
  for (const [size, width, height] of [
    ['phone', 390, 844],
    ['4k', 3840, 2160],
  ]) {
    for (const [name, [path]] of Object.entries(pages)) {
      const { context, page, problems } = await open(path, { viewport: { width, height } });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${name} on ${size} is ${over} pixels too wide`);
      assert.deepEqual(problems, []);
      if (['matrix', 'technique', 'gaps', 'overview'].includes(name)) await page.screenshot({ path: `${output}${name}-${size}.png` });
      await context.close();
    }
  }
});

test('the numbers on the pages are the API’s', async () => {
  const n = (x) => x.toLocaleString('en');
  const view = { attackVersion: '16.1' };
  const data = await ask(
    `query($view: ViewInput, $scope: ScopeInput) {
      aws: coverage(frameworks: ["aws"], view: $view) { mapped total }
      any: coverage(view: $view) { mapped total }
      overlap(frameworks: ["aws", "azure", "gcp"], view: $view) { all { totalCount } none { totalCount } regions { totalCount } }
      gaps(frameworks: ["aws", "azure"], view: $view, scope: $scope) { totalCount coverage { total } nodes { technique { attackId } } }
      crosswalk(from: "nist_800_53", to: "aws", view: $view) { totalCount }
      technique(attackId: "${technique}", view: $view) { mappings(first: 1000) { totalCount nodes { capability { framework { name } } } } }
      compareCapabilities(a: { framework: "aws", capabilityId: "aws_shield" }, b: { framework: "azure", capabilityId: "azure_ddos_protection" }, view: $view) { both { technique { attackId } } }
      group(attackId: "G0016", view: $view) { coverage(frameworks: ["aws"]) { mapped total } }
    }`,
    { view, scope: { groups: ['G0016'] } },
  );
  const said = async (path, selector, wanted) => {
    const { context, page } = await open(path);
    const text = await page.locator(selector).first().textContent();
    assert.ok(text.includes(wanted), `${path}: ${text}, want ${wanted}`);
    await context.close();
  };
  const headline = '[data-testid=headline]';
  await said('/matrix?v=16.1&f=aws', headline, `${n(data.aws.mapped)} of ${n(data.aws.total)} techniques mapped`);
  await said('/matrix?v=16.1', headline, `${n(data.any.mapped)} of ${n(data.any.total)} techniques mapped`);
  await said('/framework/aws?v=16.1', headline, `${n(data.aws.mapped)} of ${n(data.aws.total)} techniques mapped`);
  await said('/overlap?v=16.1', '[data-testid=all]', n(data.overlap.all.totalCount));
  await said('/overlap?v=16.1', '[data-testid=none]', n(data.overlap.none.totalCount));
  await said(
    '/gaps?v=16.1&f=aws,azure&group=G0016',
    headline,
    `${n(data.gaps.totalCount)} of ${n(data.gaps.coverage.total)} techniques are not mapped`,
  );
  await said('/crosswalk?v=16.1&from=nist_800_53&to=aws', '[data-testid=pairs]', n(data.crosswalk.totalCount));
  await said(
    '/compare?v=16.1&a=aws/aws_shield&b=azure/azure_ddos_protection',
    '[data-testid=both]',
    n(data.compareCapabilities.both.length),
  );
  await said('/group/G0016?v=16.1&f=aws', headline, `${data.group.coverage.mapped} of ${data.group.coverage.total} techniques`);

  const { context, page } = await open(`/technique/${technique}?v=16.1`);
  const tables = await page.locator('section[aria-label^="Mappings of"] tbody tr').count();
  assert.equal(tables, data.technique.mappings.totalCount);
  await page.goto(`${base}/gaps?v=16.1&f=aws,azure&group=G0016&order=ATTACK_ID`);
  await settled(page);
  const ids = await page.locator('[aria-label="Techniques that are not mapped"] tbody td:first-child .id').allTextContents();
  assert.deepEqual(
    ids,
    data.gaps.nodes.map((g) => g.technique.attackId),
  );
  await page.goto(`${base}/overlap?v=16.1`);
  await settled(page);
  const bars = await page.locator('svg.picture .pick text').allTextContents();
  assert.deepEqual(
    bars.map(Number),
    data.overlap.regions.map((r) => r.totalCount),
  );
  await context.close();
});

test('every cell of the matrix is what the API says', async () => {
  const { matrix } = await ask(
    `{ matrix(frameworks: ["aws", "nist_800_53"], view: { attackVersion: "16.1" }) { tactics { tactic { name } techniques { ...c subtechniques { ...c } } } } }
     fragment c on MatrixCell { technique { attackId } state coverage { capabilityCount } }`,
  );
  const { context, page } = await open('/matrix?v=16.1&f=aws,nist_800_53&open=all');
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll('.matrix-column')].map((c) =>
      [...c.querySelectorAll('.cell')].map((x) => [
        x.dataset.id,
        /state-(\w+)/.exec(x.className)[1].toUpperCase(),
        x.querySelector('.n').textContent,
      ]),
    ),
  );
  const wanted = matrix.tactics.map((t) => t.techniques.flatMap((c) => [c, ...c.subtechniques]));
  assert.equal(shown.flat().length, wanted.flat().length);
  assert.equal(new Set(shown.flat().map(([id]) => id)).size, 656);
  wanted.forEach((column, i) =>
    column.forEach((c, j) => {
      const n = c.coverage.reduce((sum, f) => sum + f.capabilityCount, 0);
      const [id, state, label] = shown[i][j];
      assert.deepEqual([id, state], [c.technique.attackId, c.state]);
      if (state === 'MAPPED') assert.equal(label, String(n));
    }),
  );
  await context.close();
});

test('a framework counts the mappings of each capability, and titles sort', async () => {
  const { context, page, problems } = await open('/framework/nist_800_53?v=16.1');
  const { framework, gaps } = await ask(
    `{ framework(id: "nist_800_53") { setFor(view: { attackVersion: "16.1" }) { mappingCount } }
       gaps(frameworks: ["nist_800_53"], view: { attackVersion: "16.1" }) { unaligned { reason } } }`,
  );
  const table = page.getByRole('region', { name: 'Capabilities', exact: true });
  const numbers = async () => (await table.locator('td.n').allTextContents()).map((t) => Number(t.replaceAll(',', '')));
  const before = await numbers();
  assert.equal(
    before.reduce((sum, n) => sum + n, 0),
    framework.setFor.mappingCount - gaps.unaligned.length,
  );
  const title = table.getByRole('button', { name: 'mappings' });
  await title.focus();
  await page.keyboard.press('Enter');
  await table.locator('th[aria-sort=descending]').waitFor();
  assert.deepEqual(
    await numbers(),
    before.toSorted((a, b) => b - a),
  );
  await title.click();
  await table.locator('th[aria-sort=ascending]').waitFor();
  await page.reload();
  await table.locator('th[aria-sort=ascending]').waitFor();
  assert.deepEqual(
    await numbers(),
    before.toSorted((a, b) => a - b),
  );
  await title.click();
  await table.locator('th[aria-sort]').waitFor({ state: 'detached' });
  assert.deepEqual(await numbers(), before);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a page names itself; the next begins at its top, and back is where one was', async () => {
  const { context, page, problems } = await open('/gaps?v=16.1&f=aws,azure&group=G0016');
  assert.equal(await page.title(), 'Gaps: ATT&CK Enterprise 16.1; by AWS, Azure; used by APT29 · mapgraph');
  const link = page.getByRole('region', { name: 'Techniques that are not mapped' }).getByRole('link').last();
  await link.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  assert.ok(before > 300);
  const id = await link.locator('.id').textContent();
  await link.focus();
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: id }).waitFor();
  await settled(page);
  assert.match(await page.title(), new RegExp(`^${id} .+ · mapgraph$`));
  assert.match(await page.locator('#page-name').textContent(), new RegExp(`^${id} `), 'it is said to those who listen');
  assert.equal(await page.evaluate(() => window.scrollY), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.keyboard.press('Tab');
  assert.ok(
    await page.evaluate(() => document.querySelector('#main').contains(document.activeElement)),
    'the keyboard goes on in the page',
  );
  await page.goBack();
  await page.waitForFunction((y) => Math.abs(window.scrollY - y) < 50, before);
  assert.match(await page.title(), /^Gaps: /);

  // The search box hands the keyboard to the page it opens, not back to the button.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search for' }).fill('T1552.007');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'T1552.007' }).waitFor();
  await page.getByRole('combobox', { name: 'Search for' }).waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.id === 'main');
  assert.deepEqual(problems, []);
  await context.close();
});

test('filters go into the address, back and forth', async () => {
  const { context, page, problems } = await open('/gaps?v=16.1&f=aws');
  const headline = page.locator('[data-testid=headline]');
  const first = await headline.textContent();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Used by group').first().fill('APT29');
  await page.getByRole('option', { name: /APT29 \(G0016\)/ }).click();
  await page.waitForURL(/group=G0016/);
  await page.waitForFunction((t) => document.querySelector('[data-testid=headline]')?.textContent !== t, first);
  const second = await headline.textContent();
  await page.goBack();
  await page.waitForFunction((t) => document.querySelector('[data-testid=headline]')?.textContent === t, first);
  await page.goForward();
  await page.waitForFunction((t) => document.querySelector('[data-testid=headline]')?.textContent === t, second);
  await page.getByRole('button', { name: /Without used by APT29/ }).click();
  await page.waitForFunction((t) => document.querySelector('[data-testid=headline]')?.textContent === t, first);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a stack is put together, and stands in the address', async () => {
  const { context, page, problems } = await open('/matrix?v=16.1');
  await page.getByText('My stack', { exact: true }).click();
  await page.waitForURL(/stack=/);
  await settled(page);
  await page.getByRole('button', { name: /LOW baseline/ }).click();
  await page.getByLabel('Microsoft 365 licences').first().click();
  await page.getByRole('option', { name: 'E3' }).click();
  await page.getByLabel('Techniques covered by other means').first().fill('T1010');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  const { coverage } = await ask(
    '{ coverage(stack: { baselines: [{ name: "LOW" }], licences: [{ tier: "E3" }], techniques: ["T1010"] }, view: { attackVersion: "16.1" }) { mapped total } }',
  );
  await page.waitForFunction(
    (t) => document.querySelector('[data-testid=headline]')?.textContent.startsWith(t),
    `${coverage.mapped} of ${coverage.total}`,
  );
  const link = page.url();
  const again = await open(link.slice(base.length));
  assert.match(await again.page.locator('[data-testid=headline]').textContent(), new RegExp(`^${coverage.mapped} of ${coverage.total}`));
  await page.screenshot({ path: `${output}stack.png` });
  assert.deepEqual(problems, []);
  await again.context.close();
  await context.close();
});

test('a baseline narrows NIST and leaves the other frameworks, and a stack asks nothing beside it', async () => {
  const { context, page, problems } = await open('/matrix?v=16.1&f=aws,nist_800_53');
  const shows = async (stack) => {
    const { coverage } = await ask(
      'query ($stack: StackInput) { coverage(stack: $stack, view: { attackVersion: "16.1" }) { mapped total } }',
      { stack },
    );
    await page.waitForFunction(
      (t) => document.querySelector('[data-testid=headline]')?.textContent.startsWith(t),
      `${coverage.mapped} of ${coverage.total}`,
    );
  };
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('NIST SP 800-53 baseline').first().click();
  await page.getByRole('option', { name: 'LOW' }).click();
  await shows({ frameworks: ['aws'], baselines: [{ name: 'LOW' }] });
  assert.equal(new URL(page.url()).searchParams.get('f'), null);
  await page.getByText('Frameworks', { exact: true }).first().click();
  await page.waitForURL(/f=aws/);
  await shows({ frameworks: ['aws'] });
  const stack = encodeURIComponent('{"frameworks":["aws"]}');
  await page.goto(`${base}/matrix?v=16.1&f=nist_800_53&stack=${stack}`);
  await shows({ frameworks: ['aws'] });
  await page.goto(`${base}/overlap?v=16.1&stack=${stack}`);
  await page.getByLabel('Frameworks', { exact: true }).first().waitFor();
  assert.deepEqual(problems, []);
  await context.close();
});

test('a Navigator layer becomes a stack', async () => {
  const { context, page } = await open('/gaps?v=16.1&stack=%7B%22techniques%22%3A%5B%22T1003%22%5D%7D');
  await page.getByRole('button', { name: /1 own technique$/ }).click();
  const layer = {
    name: 'x',
    versions: { layer: '4.5' },
    techniques: [
      { techniqueID: 'T1059', score: 2 },
      { techniqueID: 'T1060', score: 0 },
    ],
  };
  await page.setInputFiles('input[type=file]', {
    name: 'layer.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(layer)),
  });
  await page.waitForURL(/T1059/);
  assert.ok(!page.url().includes('T1060'));
  await page.setInputFiles('input[type=file]', { name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await page.getByText('bad.json: not a Navigator layer').waitFor();
  await page.setInputFiles('input[type=file]', {
    name: 'paint.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"techniques":[{"techniqueID":"T1003","color":"#f00"}]}'),
  });
  await page.getByText('paint.json: none of its techniques').waitFor();
  await context.close();
});

test('keyboard only: search, walk the matrix, unfold, open a technique', async () => {
  const { context, page, problems } = await open('/matrix?v=16.1');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search for' }).waitFor();
  await page.keyboard.type('t1552/007');
  await page
    .getByRole('option', { name: /T1552.007/ })
    .first()
    .waitFor();
  await page.screenshot({ path: `${output}search-box.png` });
  assert.deepEqual(await barriers(page), []);
  await page.keyboard.press('Enter');
  await page.waitForURL(/technique\/T1552\.007\?v=16\.1/);
  await page.goBack();
  await settled(page);
  await page.locator('.cell > a').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const at = () => page.evaluate(() => document.activeElement.closest('.cell')?.dataset.id);
  const { matrix } = await ask(
    '{ matrix(view: { attackVersion: "16.1" }) { tactics { techniques { technique { attackId } subtechniques { technique { attackId } } } } } }',
  );
  const wanted = matrix.tactics[1].techniques[1];
  assert.equal(await at(), wanted.technique.attackId);
  assert.match(await page.locator('.tip').textContent(), new RegExp(wanted.technique.attackId));
  await page.keyboard.press(' ');
  await page.locator(`[data-id="${wanted.subtechniques[0].technique.attackId}"]`).waitFor();
  await page.keyboard.press('ArrowDown');
  assert.equal(await at(), wanted.subtechniques[0].technique.attackId);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`technique/${wanted.subtechniques[0].technique.attackId}`));
  assert.deepEqual(problems, []);
  await context.close();
});

test('what is unfolded stands in the address', async () => {
  const { context, page, problems } = await open('/matrix?v=16.1');
  const unfolded = () => page.locator('.matrix .cell button[aria-expanded=true]').count();
  const shows = (n) => page.waitForFunction((n) => document.querySelectorAll('.matrix .cell button[aria-expanded=true]').length === n, n);
  const fold = (id) => page.locator(`[data-id="${id}"] button`).first().click();
  await fold('T1595');
  await shows(1);
  await page.reload();
  await shows(1);
  await page.getByRole('button', { name: 'Unfold sub-techniques' }).click();
  await page.getByRole('button', { name: 'Fold sub-techniques', exact: true }).waitFor();
  const all = await unfolded();
  assert.ok(all > 80);
  await fold('T1595');
  await shows(all - 1);
  await page.reload();
  await shows(all - 1);
  assert.equal(await page.locator('[data-id="T1595.001"]').count(), 0);
  await page.getByRole('button', { name: 'Fold sub-techniques', exact: true }).click();
  await shows(0);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a bar of the overlap lists its techniques with the capabilities side by side', async () => {
  const { context, page } = await open('/overlap?v=16.1');
  const bar = page.locator('svg.picture .pick').nth(3);
  const n = Number(await bar.locator('text').textContent());
  await bar.focus();
  await page.keyboard.press('Enter');
  await page.locator('[aria-label="Techniques of the region"] tbody tr').first().waitFor();
  assert.equal(await page.locator('[aria-label="Techniques of the region"] tbody tr').count(), n);
  assert.match(page.url(), /region=/);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV', exact: true }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  assert.equal(text.trim().split('\r\n').length, n + 1);
  const layer = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Navigator layer' }).click();
  assert.equal(JSON.parse(await readFile(await (await layer).path(), 'utf8')).techniques.length, n);
  await page.getByRole('button', { name: 'Show those that none maps' }).click();
  await page.getByRole('heading', { name: /Mapped by none/ }).waitFor();
  await settled(page);
  assert.equal(
    await page.locator('[aria-label="Techniques of the region"] tbody tr').count(),
    Number(await page.locator('[data-testid=none]').textContent()),
  );
  await context.close();
});

test('exports: files from the API, pictures from the page', async () => {
  const { context, page, problems } = await open('/matrix?v=16.1&f=aws');
  const take = async (item) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const file = await download;
    return [file.suggestedFilename(), await readFile(await file.path())];
  };
  const [layerName, layer] = await take('Navigator layer: coverage');
  assert.match(layerName, /coverage-layer-enterprise-16\.1\.json/);
  assert.equal(JSON.parse(layer).techniques.length, 656);
  const [, svg] = await take('Picture (SVG)');
  const headline = await page.locator('[data-testid=headline]').textContent();
  for (const said of ['Reconnaissance', headline, 'ATT&#38;CK Enterprise 16.1; by', 'The MITRE Corporation'])
    assert.ok(svg.toString().startsWith('<svg') && svg.toString().includes(said), said);
  const [, png] = await take('Picture (PNG)');
  assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const [, report] = await take('Gap report (HTML)');
  assert.ok(report.toString().includes('<h1>Gaps in ATT&amp;CK enterprise 16.1</h1>'));
  assert.deepEqual(problems, []);
  await context.close();
});

test('the graph grows by clicking and by keyboard, stands in the address, and says when there is more', async () => {
  const { context, page, problems } = await open('/graph?node=framework:nist_800_53');
  const size = async () => Number((await page.locator('[data-testid=graph-size]').textContent()).split(' ')[0]);
  const grownFrom = (n) =>
    page.waitForFunction((n) => Number(document.querySelector('[data-testid=graph-size]').textContent.split(' ')[0]) > n, n);
  await grownFrom(20);
  assert.match(await page.locator('[data-testid=graph-size]').textContent(), /more are tied to it/);

  // Nodes have no elements: Cytoscape says where the one stands that is freest of others.
  const spot = await page.waitForFunction(() => {
    const canvas = document.querySelector('.graph-canvas > div');
    const cy = canvas._cyreg.cy;
    if (cy.animated() || cy.nodes().some((n) => n.animated())) return null;
    const places = cy.nodes('[kind="capability"]').map((n) => n.renderedPosition());
    const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
    const room = (p) => Math.min(...places.filter((o) => o !== p).map((o) => distance(o, p)));
    const best = places.reduce((a, b) => (room(a) >= room(b) ? a : b));
    const box = canvas.getBoundingClientRect();
    return { x: box.x + best.x, y: box.y + best.y };
  });
  const { x, y } = await spot.jsonValue();
  const before = await size();
  await page.mouse.click(x, y);
  await grownFrom(before);
  await page.screenshot({ path: `${output}graph-grown.png` });

  const clicked = await size();
  await page.getByText('The nodes as a list').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.node-list button').count(), clicked, 'the list has every node');
  await page.getByRole('region', { name: 'Techniques' }).getByRole('button').first().focus();
  await page.keyboard.press('Enter');
  await grownFrom(clicked);
  assert.equal(await page.locator('.node-list [aria-current]').count(), 1);
  assert.deepEqual(await barriers(page), []);
  await page.screenshot({ path: `${output}graph-list.png`, fullPage: true });

  // The address has all of it: back takes away what the last press brought, forth brings it again, and so does the link.
  const keyed = await size();
  const nodes = () => page.locator('.node-list button').allTextContents();
  const all = await nodes();
  const shows = (n) =>
    page.waitForFunction((n) => Number(document.querySelector('[data-testid=graph-size]').textContent.split(' ')[0]) === n, n);
  for (const n of [clicked, before]) {
    await page.goBack();
    await shows(n);
  }
  for (const n of [clicked, keyed]) {
    await page.goForward();
    await shows(n);
  }
  assert.deepEqual(await nodes(), all);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  await shows(keyed);
  assert.deepEqual(await nodes(), all);
  assert.match(await page.title(), /^Graph: NIST SP 800-53 · /);
  assert.deepEqual(problems, []);
  await context.close();
});

test('trouble has a face: an error, a lost connection, a slow answer, an empty framework, a wrong address', async () => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${base}/gaps?group=NOBODY`);
  await page
    .getByRole('alert')
    .getByText(/group "NOBODY" is not in ATT&CK/)
    .waitFor();
  await page.screenshot({ path: `${output}face-error.png` });
  assert.deepEqual(await barriers(page), []);

  await page.route('**/graphql', (route) => route.abort());
  await page.goto(`${base}/overlap`);
  await page.getByText('No answer from the server').waitFor({ timeout: 15_000 });
  await page.screenshot({ path: `${output}face-lost.png` });
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.locator('[data-testid=all]').waitFor();

  await page.route('**/graphql', async (route) => {
    await new Promise((done) => setTimeout(done, 5500));
    await route.continue().catch(() => {}); // by then the page may be gone
  });
  await page.goto(`${base}/about`);
  await page.getByText('This takes longer than usual').waitFor({ timeout: 15_000 });
  await page.screenshot({ path: `${output}face-slow.png` });
  await page.unroute('**/graphql');

  await page.goto(`${base}/framework/aws?d=MOBILE`);
  await page.getByText('AWS has no mapping set in this domain').waitFor();
  await page.screenshot({ path: `${output}face-empty.png` });
  await page.goto(`${base}/technique/T9999`);
  await page.getByText(/has no technique T9999/).waitFor();
  await page.goto(`${base}/matrix?stack=nonsense&min=FAMOUS&d=SEA&shade=loud`);
  await settled(page);
  assert.equal(await page.getByRole('alert').count(), 0, 'what an address gets wrong is left out');
  for (const [path, name] of [
    ['/technique/T9999', 'T9999'],
    ['/group/G9999', 'G9999'],
    ['/framework/soc2', 'soc2'],
    ['/capability/aws/nope', 'nope'],
    ['/technique/T1059?v=99.9', 'T1059'],
  ]) {
    await page.goto(base + path);
    await settled(page);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), name);
  }
  await context.close();
});

test('texts of others are text: links go to the web only, and nothing is taken for HTML', async () => {
  const evil = '<img src=x onerror="window.evil=1"><script>window.evil=2</script> [x](javascript:alert(1)) "&amp;'.repeat(30);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const t = body.data?.technique;
    if (t) {
      t.description = evil;
      t.mappings.nodes.slice(0, 3).forEach((m) => {
        m.comments = evil;
        m.capability.name = evil.slice(0, 60);
        m.references = [
          { url: 'javascript:alert(1)', raw: 'javascript:alert(1)' },
          { url: 'https://example.org/a', raw: '' },
        ];
      });
    }
    await route.fulfill({ response, json: body });
  });
  await page.goto(`${base}/technique/${technique}?v=16.1`);
  await settled(page);
  assert.equal(await page.locator('main img, #main img, #main script').count(), 0);
  assert.equal(await page.evaluate(() => window.evil), undefined, 'no script of theirs ran');
  const links = await page.locator('#main a[target=_blank]').evaluateAll((all) => all.map((a) => [a.protocol, a.rel]));
  assert.ok(links.length > 0 && links.every(([protocol, rel]) => protocol.startsWith('http') && rel.includes('noopener')));
  assert.equal(await page.locator('a[href^="javascript:"]').count(), 0);
  await page.screenshot({ path: `${output}face-long.png` });
  await context.close();
});

test('the first load of script is under 300 KB compressed, and no page sends for the graph or the playground', async () => {
  for (const path of ['/', '/matrix', '/overlap', '/gaps']) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const scripts = [];
    page.on('response', (response) => response.url().endsWith('.js') && scripts.push(response));
    await page.goto(base + path);
    await settled(page);
    await page.waitForLoadState('networkidle');
    const names = scripts.map((r) => r.url().split('/').at(-1));
    const sizes = await Promise.all(scripts.map(async (r) => gzipSync(await r.body()).length));
    const bytes = sizes.reduce((a, b) => a + b, 0);
    assert.ok(bytes > 50_000 && bytes < 300_000, `${path}: ${bytes} bytes of ${names}`);
    assert.ok(!names.some((n) => /cytoscape|playground|monaco/.test(n)), `${names}`);
    console.log(`${path}: ${Math.round(bytes / 1000)} KB of compressed script`);
    await context.close();
  }
});

test('how soon the matrix can be used', async () => {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  for (const [what, path] of [
    ['folded', '/matrix?v=16.1'],
    ['every technique', '/matrix?v=16.1&open=all'],
  ]) {
    const times = [];
    for (let i = 0; i < 5; i++) {
      await page.goto(base + path);
      await page.locator('.cell').first().waitFor();
      times.push(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))));
    }
    console.log(`matrix, ${what}: on screen after ${times.map((t) => Math.round(t)).join(', ')} ms`);
  }
  assert.ok((await page.locator('.cell').count()) > 656);
  await context.close();
});

test('the facts edition says what it is', { skip: full }, async () => {
  const { context, page } = await open('/about');
  await page.getByText('without descriptions and comments').first().waitFor();
  await page.goto(`${base}/technique/${technique}`);
  await page.getByText('The facts edition has no descriptions').waitFor();
  await context.close();
});

test('the corpus has texts, and sets to compare', { skip: !full }, async () => {
  const { context, page } = await open(`/technique/${technique}?v=16.1`);
  assert.ok((await page.locator('.prose').textContent()).length > 200);
  assert.ok((await page.locator('td.text').first().textContent()).length > 30);
  const { mappingDiff: d } = await ask(
    '{ mappingDiff(from: "aws/09.21.2021@9.0/enterprise", to: "aws/12.12.2024@16.1/enterprise") { addedCount } }',
  );
  await page.goto(`${base}/diff?from=set:aws/09.21.2021@9.0/enterprise&to=set:aws/12.12.2024@16.1/enterprise`);
  await settled(page);
  assert.equal(await page.locator('[data-testid=added]').textContent(), String(d.addedCount));
  await context.close();
});
