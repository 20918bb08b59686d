// Drives the playground in a real browser against the server at MAPGRAPH_URL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, output, watched } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// open loads the playground and waits for its editor.
async function open(path = '/playground', options = {}) {
  const opened = await watched(browser, path, options);
  await opened.page.locator('.graphiql-query-editor .view-lines').first().waitFor();
  return opened;
}

const response = (page) => page.locator('.graphiql-response .view-lines').first();

test('examples wait in tabs, a query runs, and nothing goes wrong', async () => {
  const { context, page, problems } = await open();
  const tabs = await page.getByRole('tab').allTextContents();
  assert.ok(tabs.length >= 6 && tabs[0].includes('TechniquePage'), `tabs: ${tabs}`);
  await page.locator('.graphiql-query-editor').click();
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent.includes('T1552.007'));
  assert.match(await response(page).textContent(), /Container.API/);
  await page.screenshot({ path: `${output}playground-light.png` });
  assert.deepEqual(problems, []);
  await context.close();
});

test('the notice says which edition answers, and what MAPPED does not mean', async () => {
  const { context, page } = await open();
  const notice = page.locator('.notice');
  await notice.getByText('mapgraph fetch').waitFor();
  assert.match(await notice.textContent(), /Facts edition.*never that it is\s+prevented/s);
  await context.close();
});

test('the schema is documented', async () => {
  const { context, page, problems } = await open();
  await page
    .getByRole('button', { name: /Documentation Explorer/ })
    .first()
    .click();
  const docs = page.locator('.graphiql-plugin');
  await docs.getByText('Query', { exact: true }).first().click();
  await docs.getByText('overlap', { exact: true }).first().click();
  await docs
    .getByText(/map in common, apart/)
    .first()
    .waitFor();
  await page.screenshot({ path: `${output}playground-docs.png` });
  assert.deepEqual(problems, []);
  await context.close();
});

test('the Examples panel opens an example in a new tab', async () => {
  const { context, page, problems } = await open();
  await page
    .getByRole('button', { name: /Examples/ })
    .first()
    .click();
  const before = await page.getByRole('tab').count();
  await page.locator('.examples button', { hasText: 'From an incident' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('[role=tab]').length === n, before + 1);
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor .view-lines')?.textContent.includes('verisId'));
  await page.screenshot({ path: `${output}playground-examples.png` });
  assert.deepEqual(problems, []);
  await context.close();
});

test('a link carries a query', async () => {
  const { context, page } = await open('/playground?query=' + encodeURIComponent('{ dataset { edition } }'));
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor .view-lines')?.textContent.includes('edition'));
  await page.getByRole('button', { name: /Execute query/ }).click();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent.includes('FACTS'));
  await context.close();
});

test('dark and narrow', async () => {
  const dark = await open('/playground', { colorScheme: 'dark' });
  await dark.page.screenshot({ path: `${output}playground-dark.png` });
  assert.deepEqual(dark.problems, []);
  await dark.context.close();
  const narrow = await open('/playground', { viewport: { width: 390, height: 800 } });
  await narrow.page.screenshot({ path: `${output}playground-narrow.png` });
  assert.deepEqual(narrow.problems, []);
  await narrow.context.close();
});
