// Nothing is said in English where another language is spoken: every visible text of every page, and of the dialogs and menus that its main
// actions open, is read in a language that has brackets around each of its texts.
//
// What the appliance has answered is data and stays as it is; so is what is marked with translate="no". Words that an appliance's answer is
// made of, like the names of states, are no data: the page has words for them.
import { person, settled } from './browser.mjs';
import { ask } from './workspaces.mjs';
import { frontOf, goTo, routesOf, SYSTEM } from './places.mjs';

/** What the browser itself writes: months, days, times, sizes; names of languages by themselves. */
const BROWSER = /\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?|(mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|today|yesterday|tomorrow|now|ago|this|last|next|seconds?|sec|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|bytes?|kB|MB|GB|TB|AM|PM|UTC|GMT|at|in|Europe|Deutsch|English)\b/gi;
/** Names of formats, protocols and products, the same in every language. */
const NAMES = /\b(audiagram|sql|csv|pdf|xlsx|html|json|parquet|mp4|webm|gif|svg|png|webp|api|url|id|ip|https?|smtp|sftp|ssh|tls|scram|odata|opentelemetry|prometheus|cloudevents|cedar|sha|ed25519|utf|cidr|iban|eur|usd|ctrl|alt|shift|tab|esc|enter|home|end|space|pageup|pagedown|delete|backspace|inter|noto|sans|ffmpeg|whisper|gpu|cpu|ram|totp|webhooks?|excel|pptx|vtt|srt|txt|zip|mermaid|graphviz|linux|apache|mit|markdown|powerpoint|draw\.io|excalidraw|bpmn)\b/gi;

/** What the components say by themselves. They speak our languages (build/aria-hindi.mjs), but not the one of brackets. */
const COMPONENTS = new Set(['Dismiss', 'Select an item', 'Calendar', 'Previous', 'Next']);
/** What is to be written is the same in every language. */
const SAMPLES = new Set(['email,role ada@example.org,manager']);

/** What is said on the page now, in texts and in labels. */
const said = (page) => page.evaluate(() => {
    const DATA = '[translate="no"], [data-named], code, pre, kbd, textarea, script, style, .mono, .brand, time, .react-flow__node, .diagram';
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const parent = node.parentElement;
        if (!parent || parent.closest(DATA) || !(parent.checkVisibility?.({ visibilityProperty: true }) ?? true)) continue;
        found.push(node.textContent);
    }
    for (const node of document.querySelectorAll('[aria-label], [placeholder], [title], [aria-description]')) {
        if ((node.matches('textarea') ? node.parentElement : node).closest(DATA) || !(node.checkVisibility?.() ?? true)) continue;
        for (const name of ['aria-label', 'placeholder', 'title', 'aria-description']) if (node.getAttribute(name)) found.push(node.getAttribute(name));
    }
    return [...new Set(found.map((text) => text.replaceAll(/\s+/g, ' ').trim()))].filter((text) => /[A-Za-z]{3}/.test(text) && !text.includes('['));
});
const cut = (page) => page.evaluate(() => [...document.querySelectorAll('.button, .tab, .nav, label, th, .badge')].filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0 && !(node.matches('.nav, .side .button') && node.clientWidth < 60) && getComputedStyle(node).display !== 'inline').map((node) => node.textContent));

/** Everything that the appliance tells a page: texts, and names of things. One word in small letters is one of its own terms. */
function listen(page) {
    const told = new Set();
    const take = (value, all = false) => {
        if (typeof value === 'string') {
            const text = value.replaceAll(/\s+/g, ' ').trim();
            if (text && (all || /_[0-9a-z]{20,}$/.test(text) || !/^[a-z]+(_[a-z0-9]+)*$/.test(text))) told.add(text);
        } else if (value && typeof value === 'object') for (const [key, one] of Object.entries(value)) {
            if (/[._:]/.test(key)) told.add(key);
            take(one, all);
        }
    };
    page.on('response', (answer) => {
        const kind = answer.headers()['content-type'] ?? '';
        const { pathname } = new URL(answer.url());
        if (!pathname.startsWith('/v1/')) return;
        // What a chart shows has the words that its dashboard has for it; words that were spoken are in no language of the page.
        if (/json/.test(kind)) answer.json().then((body) => take(body, /\/(tiles|charts|transcripts?|content|words)\b/.test(pathname)), () => {});
        // What is said in a video.
        if (/text\/vtt/.test(kind)) answer.text().then((text) => take(text.split(/\r?\n\r?\n/).map((cue) => cue.split('\n').filter((line) => !line.includes('-->')).join(' ').replaceAll(/<[^>]*>/g, ''))), () => {});
    });
    const isData = (text) => {
        const parts = [text, ...text.split(/ · |, | – | \| |: |\. | → |\/| \(|\)/)].filter(Boolean);
        const known = (part) => COMPONENTS.has(part) || SAMPLES.has(part) || told.has(part) || !/[A-Za-z]{3}/.test(part.replaceAll(BROWSER, '').replaceAll(NAMES, '')) || [...told].some((one) => one.length >= part.length && part.length > 3 && one.includes(part));
        return known(text) || parts.slice(1).every(known);
    };
    return { isData, take };
}

/** What stands on the page for people to press first: beside its title, where it is empty, and beside the titles of its parts. */
const ACTIONS = 'header.bar button.button, main .empty button.button, main .row.apart > button.button, main .row.apart > .row > button.button, main .head button.button';
/** Orders work or takes one away. */
const LEFT_ALONE = /Réñdér|Sígñ óút|video|Dráw|Dúplí|Réád|Réfrésh|Láñgúágé/i;

async function read(world, routes, as) {
    const one = await person(world, as ? { as } : {});
    const { page } = one;
    await one.context.addInitScript(() => localStorage.setItem('language', 'en-XA'));
    const { isData, take } = listen(page);
    if (as === 'ada') {
        // The editor has its storyboard by a line of its own. Why something is doubtful is no data.
        const { review: _, ...board } = await ask(world, one, 'GET', `/v1/storyboards/${world.storyboard.split('/').pop()}/content`);
        take(board, true);
    }
    for (const [route, place] of Object.entries(routes)) {
        const missing = new Set();
        const look = async (where) => {
            for (const text of await said(page)) if (!isData(text)) missing.add(where ? `${where}: ${text}` : text);
        };
        await goTo(world, page, place);
        await look('');
        const clipped = new Set(await cut(page));
        const count = Math.min(10, await page.locator(ACTIONS).count());
        for (let n = 0; n < count; n++) {
            const action = page.locator(ACTIONS).nth(n);
            const name = await action.evaluate((node) => node.ariaLabel || node.textContent || '', undefined, { timeout: 1_000 }).catch(() => '');
            if (!name || LEFT_ALONE.test(name) || !(await action.isVisible()) || (await action.isDisabled())) continue;
            await action.click({ timeout: 3_000 }).catch(() => {});
            const over = page.locator('[role=dialog], [role=alertdialog], [role=menu]').first();
            if (await over.waitFor({ timeout: 1_500 }).then(() => true, () => false)) {
                await settled(page);
                await look(name.slice(0, 30));
                for (const text of await cut(page)) clipped.add(text);
            }
            // As it was, whatever this has opened or led to.
            await goTo(world, page, place);
        }
        world.checks.check(`translated ${route}`, missing.size === 0, [...missing].join('\n'));
        world.checks.check(`not cut ${route}`, clipped.size === 0, [...clipped].join(' | '));
    }
    await one.close();
}

async function every_string_is_translated_and_none_is_cut(world) {
    await read(world, await frontOf(world));
    await read(world, await routesOf(world), 'ada');
    if (world.states.operator) await read(world, SYSTEM, 'operator');
}

export default [every_string_is_translated_and_none_is_cut];
