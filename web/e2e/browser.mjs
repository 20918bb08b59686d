// What the browser tests share: a browser, and pages that gather what goes wrong.
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

export const base = process.env.MAPGRAPH_URL ?? 'http://127.0.0.1:8080';
export const output = new URL(`./output/${process.env.MAPGRAPH_TEST_EDITION ?? 'facts'}/`, import.meta.url).pathname;

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launch(more = []) {
  await mkdir(output, { recursive: true });
  return chromium.launch({ executablePath, args: [...args, ...more] });
}

// watched opens a page in a fresh profile and gathers errors, failed requests, and
// requests to anywhere but the server.
export async function watched(browser, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`));
  page.on('requestfailed', (request) => request.failure()?.errorText !== 'net::ERR_ABORTED' && problems.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(base).origin && !['blob:', 'data:'].includes(url.protocol)) problems.push(`foreign: ${request.url()}`);
  });
  await page.goto(base + path);
  return { context, page, problems };
}

// ask asks the API what a page should show.
export async function ask(query, variables = {}) {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}
