// Drives the playground in a real browser against the server at MAPGRAPH_URL.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const base = process.env.MAPGRAPH_URL ?? 'http://127.0.0.1:8080';
const output = new URL('./output/', import.meta.url).pathname;
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

let browser;
before(async () => {
  await mkdir(output, { recursive: true });
  browser = await chromium.launch({ executablePath, args });
});
after(() => browser?.close());

// open loads the playground in a fresh profile and gathers what goes wrong in it.
async function open(path = '/playground', options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(base).origin && !['blob:', 'data:'].includes(url.protocol)) problems.push(`foreign: ${request.url()}`);
  });
  await page.goto(base + path);
  await page.locator('.graphiql-query-editor .view-lines').first().waitFor();
  return { context, page, problems };
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
  await page.getByRole('button', { name: /Documentation Explorer/ }).first().click();
  const docs = page.locator('.graphiql-plugin');
  await docs.getByText('Query', { exact: true }).first().click();
  await docs.getByText('overlap', { exact: true }).first().click();
  await docs.getByText(/map in common, apart/).first().waitFor();
  await page.screenshot({ path: `${output}playground-docs.png` });
  assert.deepEqual(problems, []);
  await context.close();
});

test('the Examples panel opens an example in a new tab', async () => {
  const { context, page, problems } = await open();
  await page.getByRole('button', { name: /Examples/ }).first().click();
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
