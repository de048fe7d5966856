// What browsers read: Mermaid, bpmn-js, mxGraph, Excalidraw, the pictures that move, the page.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { check, equal, skip, trial } from './checks.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const require = createRequire(import.meta.url);
const source = (path) => join(process.cwd(), 'node_modules', path);

export async function browsed(world) {
    if (!existsSync(CHROMIUM)) return skip('what browsers read', 'Chromium');
    const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: process.getuid() !== 0, args: ['--disable-dev-shm-usage'] });
    const page = async (...scripts) => {
        const made = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
        await made.setContent('<body style="margin:0;background:#fff"><div id="box" style="width:1600px;height:1000px"></div>');
        for (const script of scripts) await made.addScriptTag({ path: source(script) });
        return made;
    };
    await mermaid(world, page);
    await bpmn(world, page);
    await drawio(world, page);
    await excalidraw(world, browser);
    for (const i of world.storyboard.scenes.keys()) await trial(`gif, webp .${i + 1}`, () => loops(world, browser, i + 1));
    await trial('moving-svg', () => moving(world, browser));
    await trial('html', () => film(world, browser));
    await browser.close();
}

async function mermaid({ file, text, storyboard, boxes }, open) {
    const page = await open('mermaid/dist/mermaid.min.js');
    for (const [i, scene] of storyboard.scenes.entries()) {
        await trial(`mermaid .${i + 1}`, async () => {
            const code = text(`.${i + 1}.mmd`);
            const found = await page.evaluate(async (code) => {
                mermaid.initialize({ startOnLoad: false });
                const { diagramType } = await mermaid.parse(code);
                const { svg } = await mermaid.render(`d${Math.random().toString(36).slice(2)}`, code);
                document.getElementById('box').innerHTML = svg;
                const count = (selector) => document.querySelectorAll(`#box ${selector}`).length;
                return { diagramType, nodes: count('.node'), links: count('.edgePaths > path') };
            }, code);
            check(`mermaid.${i + 1} is a ${found.diagramType}`, Boolean(found.diagramType));
            if (found.diagramType.startsWith('flowchart')) {
                equal(`mermaid.${i + 1} boxes`, found.nodes, boxes(scene).length);
                equal(`mermaid.${i + 1} arrows`, found.links, scene.edges.length);
            }
            await page.screenshot({ path: file(`.${i + 1}.mmd.png`) });
        });
    }
}

async function bpmn({ file, text, storyboard }, open) {
    const page = await open('bpmn-js/dist/bpmn-viewer.production.min.js');
    for (const i of storyboard.scenes.keys()) {
        if (!existsSync(file(`.${i + 1}.bpmn`))) continue;
        await trial(`bpmn .${i + 1} drawn`, async () => {
            const warnings = await page.evaluate(async (xml) => {
                document.getElementById('box').innerHTML = '';
                const viewer = new BpmnJS({ container: '#box' });
                const { warnings } = await viewer.importXML(xml);
                viewer.get('canvas').zoom('fit-viewport');
                return warnings.map(String);
            }, text(`.${i + 1}.bpmn`));
            check(`bpmn.${i + 1} drawn by bpmn-js`, warnings.length === 0, warnings.join('; '));
            await page.screenshot({ path: file(`.${i + 1}.bpmn.png`) });
        });
    }
}

async function drawio({ file, text, storyboard, boxes }, open) {
    const page = await browserless(open);
    const documents = [...text('.drawio').matchAll(/<mxGraphModel[\s\S]*?<\/mxGraphModel>/g)].map((match) => match[0]);
    equal('drawio pages', documents.length, storyboard.scenes.length);
    for (const [i, xml] of documents.entries()) {
        await trial(`drawio .${i + 1}`, async () => {
            const found = await page.evaluate((xml) => {
                const box = document.getElementById('box');
                box.innerHTML = '';
                const graph = new mxGraph(box);
                const document_ = mxUtils.parseXml(xml);
                new mxCodec(document_).decode(document_.documentElement, graph.getModel());
                graph.fit();
                const cells = Object.values(graph.getModel().cells);
                return {
                    values: cells.filter((cell) => cell.vertex).map((cell) => String(cell.value).replace(/\s+/g, ' ')),
                    tied: cells.filter((cell) => cell.edge && cell.source && cell.target).length,
                };
            }, xml);
            const scene = storyboard.scenes[i];
            const missing = boxes(scene).filter((label) => !found.values.some((value) => value.replace('…', '').slice(0, 12) === label.slice(0, Math.min(12, value.replace('…', '').length))));
            check(`drawio.${i + 1} holds ${boxes(scene).length} boxes`, missing.length === 0, JSON.stringify(missing));
            if (['flow', 'swimlane'].includes(scene.kind)) equal(`drawio.${i + 1} tied arrows`, found.tied, scene.edges.length);
            await page.screenshot({ path: file(`.${i + 1}.drawio.png`) });
        });
    }
}

/** mxGraph looks for its resources when it is loaded. */
async function browserless(open) {
    const page = await open();
    await page.evaluate(() => Object.assign(window, { mxLoadResources: false, mxLoadStylesheets: false }));
    await page.addScriptTag({ path: source('mxgraph/javascript/mxClient.min.js') });
    return page;
}

async function excalidraw({ file, text, storyboard }, browser) {
    await trial('excalidraw', async () => {
        const drawing = JSON.parse(text('.excalidraw'));
        const frames = drawing.elements.filter((element) => element.type === 'frame');
        equal('excalidraw frames', frames.length, storyboard.scenes.length);
        const ids = new Set(drawing.elements.map((element) => element.id));
        const arrows = drawing.elements.filter((element) => element.type === 'arrow');
        const ends = arrows.flatMap((arrow) => [arrow.startBinding, arrow.endBinding]).filter(Boolean);
        check(`excalidraw ${ends.length} ends of ${arrows.length} arrows lead to shapes`, ends.every((end) => ids.has(end.elementId)));
        const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
        const bundle = ['dist/prod/index.js', 'dist/excalidraw-utils.min.js'].map((path) => source(`@excalidraw/utils/${path}`)).find(existsSync);
        await page.route('http://peers.test/**', (route) => {
            const path = new URL(route.request().url()).pathname;
            if (path === '/') return route.fulfill({ contentType: 'text/html', body: '<body><div id="box"></div>' });
            const local = join(bundle, '..', path);
            return existsSync(local) ? route.fulfill({ path: local }) : route.abort();
        });
        await page.goto('http://peers.test/');
        const size = await page.evaluate(async (drawing) => {
            const { exportToSvg } = await import('/index.js');
            const svg = await exportToSvg({ data: drawing, elements: drawing.elements, appState: drawing.appState, files: {}, config: {} });
            svg.style.width = '1600px';
            document.getElementById('box').append(svg);
            return svg.querySelectorAll('text').length;
        }, drawing);
        check(`excalidraw draws ${size} lines of text`, size > 0);
        await page.screenshot({ path: file('.excalidraw.png'), fullPage: true });
    });
}

/** GIF and WebP of a scene, picture by picture as the browser decodes them. */
async function loops({ file }, browser, number) {
    const page = await browser.newPage();
    // Decoders are there on pages of safe origin only.
    await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto('http://localhost/');
    const decoded = (type) =>
        page.evaluate(
            async ([bytes, type]) => {
                const data = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
                const decoder = new ImageDecoder({ data, type });
                await Promise.all([decoder.completed, decoder.tracks.ready]);
                const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
                let ms = 0;
                for (let frameIndex = 0; frameIndex < frameCount; frameIndex += 1) {
                    const { image } = await decoder.decode({ frameIndex });
                    ms += image.duration / 1000;
                    image.close();
                }
                return { pictures: frameCount, again: repetitionCount === Infinity, ms: Math.floor(ms / 10) * 10 };
            },
            [readFileSync(file(`.${number}.${type}`)).toString('base64'), `image/${type}`],
        );
    const [gif, webp] = [await decoded('gif'), await decoded('webp')];
    check(`gif.${number} moves and begins again`, gif.again && gif.pictures > 2, JSON.stringify(gif));
    check(`webp.${number} is the same`, JSON.stringify(webp) === JSON.stringify(gif), JSON.stringify([gif, webp]));
    await page.close();
}

async function moving({ file }, browser) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(pathToFileURL(file('.moving.svg')).href);
    const at = async (seconds) => {
        await page.evaluate((seconds) => {
            document.documentElement.pauseAnimations();
            document.documentElement.setCurrentTime(seconds);
        }, seconds);
        return page.screenshot({ path: file(`.moving.${seconds}.png`) });
    };
    const pictures = [await at(0.1), await at(9), await at(30)];
    check('moving-svg moves', !pictures[0].equals(pictures[1]) && !pictures[1].equals(pictures[2]));
}

async function film({ file, storyboard }, browser) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const wrong = [];
    page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || wrong.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    await page.goto(pathToFileURL(file('.film.html')).href);
    await page.screenshot({ path: file('.film.0.png') });
    const clock = async () => (await page.textContent('#clock')).split(' / ')[0];
    const position = () => page.evaluate(() => Number(document.getElementById('seek').value));
    await page.keyboard.press('k');
    await page.waitForFunction(() => Number(document.getElementById('seek').value) > 1.2);
    check('html plays', true);
    await page.keyboard.press(' ');
    const paused = await position();
    await page.keyboard.press('ArrowRight');
    check('html: right goes on five seconds', Math.abs((await position()) - paused - 5) < 0.3, `${paused} ${await position()}`);
    await page.keyboard.press('c');
    await page.keyboard.press('5');
    await page.screenshot({ path: file('.film.half.png') });
    if (storyboard.scenes.length > 1) {
        await page.keyboard.press('Home');
        await page.keyboard.press('n');
        const current = await page.$$eval('#scenes [aria-current]', (found) => found.length && found[0].closest('li') === found[0].closest('ol').children[1]);
        check('html: n goes to the next scene', Boolean(current));
    }
    await page.keyboard.press('/');
    const word = storyboard.scenes[0].nodes[0].label.split(' ')[0];
    await page.keyboard.type(word);
    await page.waitForSelector('#hits button');
    check(`html finds “${word}”`, (await page.$$('#hits button')).length > 0);
    await page.screenshot({ path: file('.film.search.png') });
    await page.keyboard.press('Enter');
    check('html: a hit is gone to', (await clock()).length > 3);
    // The policy of the page forbids it a script of ours; the browser's own door does not.
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await page.evaluate(() => axe.run());
    check('html: no finding of axe', violations.length === 0, violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`).join('\n'));
    check('html asks for nothing and has no errors', wrong.length === 0, wrong.join('\n'));
    const narrow = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' });
    await narrow.goto(`${pathToFileURL(file('.film.html')).href}#t=6`);
    await narrow.screenshot({ path: file('.film.narrow.png') });
    const wide = await narrow.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    check('html fits a telephone', !wide);
}
