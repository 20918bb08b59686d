// What pages of others can do with a server on this machine: nothing, in a browser that
// leaves all of it to the server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { base, launch } from './browser.mjs';

const port = new URL(base).port;
const question = `${base}/graphql?query=${encodeURIComponent('{frameworks{name}}')}`;
let browser;
let foreign;

before(async () => {
  browser = await launch([
    '--host-resolver-rules=MAP evil.example 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights',
  ]);
  foreign = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<a id="page" href="${base}/technique/T1552">page</a> <a id="answer" href="${question}">answer</a>`);
  });
  await new Promise((ready) => foreign.listen(0, '127.0.0.1', ready));
});

after(async () => {
  await browser?.close();
  foreign?.close();
});

// open opens a page and keeps the status of every answer that the server then gives it,
// also of those that the browser keeps from the page.
async function open(url) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  const asked = new Map();
  const statuses = [];
  const network = await page.context().newCDPSession(page);
  network.on('Network.requestWillBeSent', ({ requestId, request }) => asked.set(requestId, request.url));
  network.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => statuses.push({ requestId, statusCode }));
  await network.send('Network.enable');
  const answers = () => statuses.filter(({ requestId }) => asked.get(requestId)?.startsWith(base)).map(({ statusCode }) => statusCode);
  return { page, answers };
}

for (const host of ['127.0.0.1', 'localhost', 'evil.example']) {
  const origin = () => `http://${host}:${foreign.address().port}`;

  test(`a page of ${host} at another port gets nothing`, async () => {
    const { page, answers } = await open(origin());
    const got = await page.evaluate(async (url) => {
      const image = new Image();
      const loaded = new Promise((done) => ((image.onload = () => done('image')), (image.onerror = () => done('nothing'))));
      image.src = url;
      const ask = (options) =>
        fetch(url, options).then(
          (response) => response.text(),
          () => 'nothing',
        );
      return [
        await loaded,
        await ask({ mode: 'no-cors' }),
        await ask({ mode: 'cors' }),
        await ask({ method: 'POST', mode: 'no-cors', body: '{"query":"{frameworks{name}}"}' }),
        await ask({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"query":"{frameworks{name}}"}' }),
      ];
    }, question);
    assert.deepEqual(got, Array(5).fill('nothing'));
    assert.ok(answers().length >= 4);
    assert.deepEqual([...new Set(answers())], [403], 'the server does no work for it');
  });

  test(`a page of ${host} cannot frame the explorer`, async () => {
    const { page, answers } = await open(origin());
    await page.evaluate(
      (url) =>
        new Promise((done) => {
          const frame = document.createElement('iframe');
          frame.onload = done;
          frame.src = url;
          document.body.append(frame);
        }),
      `${base}/matrix`,
    );
    assert.deepEqual(answers(), [403]);
  });

  test(`a link of ${host} leads to a page, and to no answer`, async () => {
    const { page } = await open(origin());
    const [opened] = await Promise.all([page.waitForResponse(`${base}/technique/T1552`), page.click('#page')]);
    assert.equal(opened.status(), 200);
    await page.waitForURL(`${base}/technique/T1552`);
    await page.goto(origin());
    const [refused] = await Promise.all([page.waitForResponse(question), page.click('#answer')]);
    assert.equal(refused.status(), 403);
    assert.match((await refused.json()).error, /--cors-origin/);
  });
}

test('a name that was made to point here gets nothing', async () => {
  const rebound = `http://evil.example:${port}`;
  const page = await (await browser.newContext()).newPage();
  // The page itself came from where the name pointed before.
  await page.route(`${rebound}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>before</title>' }));
  await page.goto(`${rebound}/`);
  const got = await page.evaluate(async () => {
    const get = await fetch('/graphql?query={frameworks{name}}');
    const post = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"query":"{frameworks{name}}"}',
    });
    const matrix = await fetch('/matrix');
    const answers = await Promise.all([get, post, matrix].map(async (response) => [response.status, (await response.json()).error]));
    return answers;
  });
  for (const [status, error] of got) {
    assert.equal(status, 421);
    assert.match(error, /--allowed-host/);
  }
});

test('pages of the server get answers, under each of its names', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const page = await (await browser.newContext()).newPage();
    assert.equal((await page.goto(`http://${host}:${port}/matrix`)).status(), 200);
    const answer = await page.evaluate(async () => {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"query":"{frameworks{name}}"}',
      });
      return response.json();
    });
    assert.ok(answer.data.frameworks.length > 0);
  }
});
