// Plays what a storyboard became in Chromium and in Firefox: node play.mjs BOARD FOLDER
// Both are Debian's; Firefox is driven by WebDriver BiDi, which it speaks itself.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { check, end, equal, skip, trial } from './checks.mjs';
import { serve } from './serve.mjs';

const [board, out] = process.argv.slice(2);
const storyboard = JSON.parse(readFileSync(board, 'utf8'));
const file = (ending) => readdirSync(out).find((name) => name.endsWith(ending));
/** The cues of a file of WebVTT. */
const cues = (vtt) => vtt.split('\n\n').filter((block) => block.includes('-->')).map((block) => {
    const [from, to] = block.match(/[\d:.]{9,}/g).map((clock) => clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
    return { from, to, text: block.slice(block.indexOf('\n') + 1).replace(/<[^>]*>/g, '').trim() };
});
const plain = () => readdirSync(out).find((name) => /^[^.]+\.vtt$/.test(name));
const captions = cues(readFileSync(join(out, plain()), 'utf8'));
const chapters = cues(readFileSync(join(out, file('.chapters.vtt')), 'utf8'));

/** What ffmpeg shows at a moment: 64 by 36 points of grey. */
const picture = (name, seconds) =>
    execFileSync('ffmpeg', ['-v', 'error', '-ss', String(seconds), '-i', join(out, name), '-frames:v', '1', '-vf', 'scale=64:36:flags=area,format=gray', '-f', 'rawvideo', '-'], { maxBuffer: 1 << 20 });
const probe = (name, what) => execFileSync('ffprobe', ['-v', 'error', ...what, '-of', 'json', join(out, name)], { encoding: 'utf8' });

const browsers = [
    ['Chromium', { browser: 'chrome', executablePath: '/usr/bin/chromium', args: ['--autoplay-policy=no-user-gesture-required', '--disable-dev-shm-usage', ...(process.getuid() ? [] : ['--no-sandbox'])] }],
    ['Firefox', { browser: 'firefox', executablePath: '/usr/bin/firefox-esr', extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 } }],
];

/** A video with what lies beside it, played from a server that knows ranges. */
async function video(browser, name, open) {
    const ending = name.split('.').pop();
    const said = (about) => `${browser} ${ending}: ${about}`;
    const server = await serve(out, { name, captions: plain(), chapters: file('.chapters.vtt') });
    const page = await open();
    await page.goto(server.page);
    const found = await page.evaluate(async () => {
        const video = document.querySelector('video');
        video.muted = true;
        if (video.readyState < 2) await new Promise((done, fail) => { video.onloadeddata = done; video.onerror = () => fail(new Error(video.error.message)); });
        return { duration: video.duration, size: [video.videoWidth, video.videoHeight], sound: video.mozHasAudio ?? video.audioTracks?.length ?? null, own: video.textTracks.length };
    });
    const early = server.asked();
    const { streams: [picked], format } = JSON.parse(probe(name, ['-select_streams', 'v:0', '-show_entries', 'stream=width,height:format=duration,size']));
    check(said(`${found.duration.toFixed(2)} s as ffprobe says`), Math.abs(found.duration - format.duration) < 0.1, format.duration);
    equal(said('size'), found.size.join('x'), `${picked.width}x${picked.height}`);
    const jumps = early.filter((range) => range > format.size * 0.5);
    check(said('shows its first picture without a look at the end of the file'), jumps.length === 0, JSON.stringify(early));

    const played = await page.evaluate(async () => {
        const video = document.querySelector('video');
        await video.play();
        const begun = performance.now();
        while (video.currentTime < 2 && performance.now() - begun < 20000) await new Promise((done) => setTimeout(done, 50));
        video.pause();
        return { at: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, heard: video.webkitAudioDecodedByteCount ?? null };
    });
    check(said(`plays (${played.frames} pictures in ${played.at.toFixed(1)} s)`), played.at >= 2 && played.frames > 0);
    if (played.heard !== null) check(said('its sound is decoded'), played.heard > 0);
    if (found.sound !== null) check(said('has sound'), Boolean(found.sound));

    const differences = [];
    for (const share of [0.9, 0.1, 0.6, 0.35, 0.75]) {
        const seconds = Math.round(found.duration * share * 30) / 30 + 1 / 60;
        const grey = await page.evaluate(async (seconds) => {
            const video = document.querySelector('video');
            const sought = new Promise((done) => { video.onseeked = done; });
            video.currentTime = seconds;
            await sought;
            await new Promise((done) => ('requestVideoFrameCallback' in video ? Promise.race([new Promise((shown) => video.requestVideoFrameCallback(shown)), new Promise((late) => setTimeout(late, 400))]).then(done) : setTimeout(done, 400)));
            const canvas = Object.assign(document.createElement('canvas'), { width: 64 * 8, height: 36 * 8 });
            const pen = canvas.getContext('2d', { willReadFrequently: true });
            pen.drawImage(video, 0, 0, canvas.width, canvas.height);
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            const grey = new Array(64 * 36).fill(0);
            for (let y = 0; y < canvas.height; y += 1) {
                for (let x = 0; x < canvas.width; x += 1) {
                    const at = (y * canvas.width + x) * 4;
                    grey[(y >> 3) * 64 + (x >> 3)] += (0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2]) / 64;
                }
            }
            return grey;
        }, seconds);
        const wanted = picture(name, seconds);
        differences.push(grey.reduce((sum, value, i) => sum + Math.abs(value - wanted[i]), 0) / grey.length);
    }
    const worst = Math.max(...differences);
    check(said(`seeks: the picture at 5 moments is ffmpeg's (off by ${worst.toFixed(2)} of 255 at most)`), worst < 2.5, differences.map((d) => d.toFixed(2)).join(' '));

    const tracks = await page.evaluate(async (moments) => {
        const video = document.querySelector('video');
        const named = (kind) => [...video.textTracks].find((track) => track.kind === kind);
        for (const track of video.textTracks) if (track.mode === 'disabled') track.mode = 'hidden';
        const begun = performance.now();
        while ([...document.querySelectorAll('track')].some((track) => track.readyState < 2) && performance.now() - begun < 10000) await new Promise((done) => setTimeout(done, 50));
        const shown = [];
        for (const seconds of moments) {
            const sought = new Promise((done) => { video.onseeked = done; });
            video.currentTime = seconds;
            await sought;
            await new Promise((done) => setTimeout(done, 300));
            shown.push([...(named('captions').activeCues ?? [])].map((cue) => cue.getCueAsHTML().textContent.trim()).join('|'));
        }
        const list = (kind) => [...(named(kind)?.cues ?? [])].map((cue) => cue.text);
        return { captions: list('captions').length, chapters: list('chapters'), shown };
    }, [captions[1], captions.at(-2)].map((cue) => (cue.from + cue.to) / 2));
    equal(said('captions'), tracks.captions, captions.length);
    const meant = [captions[1], captions.at(-2)].map((cue) => cue.text);
    check(said('shows the caption of the moment'), tracks.shown.every((shown, i) => shown.replace(/\s+/g, ' ') === meant[i].replace(/\s+/g, ' ')), JSON.stringify([tracks.shown, meant]));
    check(said(`chapters ${JSON.stringify(tracks.chapters)}`), JSON.stringify(tracks.chapters) === JSON.stringify(chapters.map((chapter) => chapter.text)), JSON.stringify(chapters));
    console.log(`     ${said(`text tracks of the file itself that the page sees: ${found.own - 2}`)}`);

    const ended = await page.evaluate(async () => {
        const video = document.querySelector('video');
        video.currentTime = video.duration - 0.7;
        const over = new Promise((done) => { video.onended = () => done(true); setTimeout(() => done(false), 15000); });
        await video.play();
        return (await over) && Math.abs(video.currentTime - video.duration) < 0.1;
    });
    check(said('plays to its end'), ended);
    await page.close();
    server.close();
}

/** The exported page: it plays, obeys keys, finds words, shows captions, asks for nothing. */
async function film(browser, open) {
    const said = (about) => `${browser} page: ${about}`;
    const page = await open();
    const wrong = [];
    page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || wrong.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    await page.goto(pathToFileURL(join(out, file('.film.html'))).href);
    const seen = () => page.evaluate(() => {
        const [voice, caption] = [document.getElementById('voice'), document.getElementById('caption')];
        return {
            at: Number(document.getElementById('seek').value), voice: voice?.currentTime, length: voice?.duration,
            caption: caption.hidden ? '' : caption.textContent, chapter: document.getElementById('chapter').textContent,
            drawn: [...document.querySelectorAll('.scene:not([hidden]) [data-i]')].filter((part) => Number(part.getAttribute('opacity')) > 0).length,
        };
    });
    const first = await seen();
    await page.keyboard.press('k');
    await page.waitForFunction(() => Number(document.getElementById('seek').value) > 1.2, { timeout: 20000 });
    await page.keyboard.press('k');
    const paused = await seen();
    check(said(`plays with its voice (${paused.voice?.toFixed(2)} s of ${paused.length?.toFixed(1)})`), Math.abs(paused.voice - paused.at) < 0.2);
    check(said(`shows ${first.drawn} parts until it begins, then what has been said (${paused.drawn})`), paused.drawn < first.drawn);
    await page.keyboard.press('ArrowRight');
    check(said('right goes on five seconds'), Math.abs((await seen()).at - paused.at - 5) < 0.3);
    await page.keyboard.press('c');
    const middle = captions[Math.floor(captions.length / 2)];
    await page.evaluate((seconds) => {
        const seek = document.getElementById('seek');
        seek.value = seconds;
        seek.dispatchEvent(new Event('input'));
    }, (middle.from + middle.to) / 2);
    const half = await seen();
    check(said('c shows the caption of the moment'), half.caption.replace(/\s+/g, ' ') === middle.text.replace(/\s+/g, ' '), JSON.stringify([half.caption, middle.text]));
    if (storyboard.scenes.length > 1) {
        await page.keyboard.press('Home');
        await page.keyboard.press('n');
        equal(said('n goes to scene'), (await seen()).chapter, storyboard.scenes[1].title);
    }
    await page.keyboard.press('/');
    const word = storyboard.scenes[0].nodes[0].label.split(' ')[0];
    await page.keyboard.type(word);
    await page.waitForSelector('#hits button', { timeout: 5000 });
    await page.keyboard.press('Enter');
    const hit = await page.$eval('#hits button time', (time) => time.textContent.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
    check(said(`finds “${word}” and goes there`), Math.abs((await seen()).at - hit) < 1.2, `${(await seen()).at} ${hit}`);
    check(said('asks for nothing and has no errors'), wrong.length === 0, wrong.join('\n'));
    await page.close();
}

for (const [name, how] of browsers) {
    if (!existsSync(how.executablePath)) {
        skip('what it plays', name);
        continue;
    }
    const profile = mkdtempSync(join(tmpdir(), 'audiagram-play-'));
    const browser = await puppeteer.launch({ ...how, headless: true, userDataDir: profile });
    console.log(`     ${name}: ${await browser.version()}`);
    const open = async () => {
        const page = await browser.newPage();
        await page.setViewport({ width: 1440, height: 900 });
        return page;
    };
    for (const ending of ['.mp4', '.webm']) await trial(`${name} ${ending}`, () => video(name, file(ending), open));
    await trial(`${name} page`, () => film(name, open));
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
}
end();
