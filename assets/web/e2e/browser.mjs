// The browser, what it must never do, and how checks are counted.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { otherPage } from './page.mjs';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const OUT = new URL('./out', import.meta.url).pathname;
export const WIDE = { width: 1440, height: 900 };

// Debian's Chromium; root may not have its sandbox. The microphone is one that beeps, and nobody is asked for it. Pages of others may ask
// this machine, so that it is the appliance that refuses them.
export const browser = () =>
    chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: process.getuid() !== 0,
        args: ['--disable-dev-shm-usage', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--disable-features=LocalNetworkAccessChecks'],
    });

export class Checks {
    passed = 0;
    failed = 0;
    figures = {};
    /** Bars that were missed, each with what was measured. */
    missed = [];
    constructor(only) {
        this.only = only;
    }
    async task(name, run, open) {
        const began = performance.now();
        if (this.only.length && !this.only.some((part) => name.includes(part))) return;
        try {
            await run();
            this.check(`${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`, true);
        } catch (error) {
            this.check(name, false, error.stack);
            let n = 0;
            for (const page of open) await page.screenshot({ path: `${OUT}/failed-${name}-${++n}.png` }).catch(() => {});
        }
    }
    check(name, holds, why = '') {
        if (holds) this.passed++;
        else this.failed++;
        console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${holds ? '' : `\n     ${String(why).replaceAll('\n', '\n     ')}`}`);
    }
    /** A time or a rate, which depends on the machine and its load: held against its bar, and told at the end where it misses it. */
    measure(name, value, bar, way = 'most') {
        this.figures[name] = value;
        const holds = way === 'least' ? value >= bar : value <= bar;
        if (!holds) this.missed.push(`${name}: ${value} (bar ${bar})`);
        console.log(`${holds ? 'ok  ' : 'MISS'} ${name}: ${value} (bar ${bar})`);
    }
    figure(name, value, bar) {
        this.figures[name] = value;
        this.check(`${name}: ${value}${bar === undefined ? '' : ` (bar ${bar})`}`, bar === undefined || value <= bar, 'over the bar');
    }
}

/** A person at a browser. Every request to another origin and every error of the page is noted. Who has an account (`as`) comes back as
 * they left: a session may have got a new token meanwhile. */
export async function person(world, { as, ...options } = {}) {
    const context = await world.chrome.newContext({ viewport: WIDE, ignoreHTTPSErrors: true, locale: 'en-GB', ...(as && { storageState: world.states[as] }), ...options });
    await context.addInitScript({ content: axe });
    await otherPage(context, world.base);
    const page = await context.newPage();
    const wrong = [];
    const asked = new Set();
    underway.set(page, asked);
    page.on('request', (request) => request.resourceType() === 'eventsource' || asked.add(request));
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => asked.delete(request));
    context.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(world.base) && !/^(data|blob):/.test(url)) wrong.push(`asked ${url}`);
    });
    // Refusals are told by the API and shown; only what the page itself does wrong counts.
    page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    world.open.add(page);
    const close = async () => {
        world.open.delete(page);
        if (as) world.states[as] = await context.storageState();
        await context.close();
    };
    return { context, page, wrong, close };
}

export async function violations(page) {
    // React Aria says for seven seconds what was chosen, by the name of a thing that may be gone.
    await page.waitForFunction(() => !document.querySelector('[data-live-announcer] [role=img]'), undefined, { timeout: 15_000 });
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** What a page has asked for and not got yet; streams, which never end, left out. */
const underway = new WeakMap();

/** Waits until something holds, for ten seconds at most. */
export async function until(holds, otherwise) {
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) if (await holds()) return;
    throw new Error(otherwise);
}

/** Waits until a page has all that it asked for and shows it. */
export async function settled(page) {
    const asked = underway.get(page);
    await page.waitForLoadState('load');
    for (let still = 0, waited = 0; still < 5 && waited < 600; waited++) {
        await page.waitForTimeout(100);
        const shown = await page.evaluate(() => !document.querySelector('.skeleton') && document.fonts.status === 'loaded').catch(() => false);
        still = shown && asked.size === 0 ? still + 1 : 0;
    }
}
