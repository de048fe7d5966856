// Renders a storyboard with Audiagram and with Remotion in one run: node measure.mjs BOARD RECORDING PROGRAM OUT [TURN...]
// A turn: `ours`, `remotion-N` with N tabs at a time, `blank-N` with nothing on the page; `remotion-N-FIRST-LAST` makes these frames
// only. Run by run.sh, in a folder that has Remotion's packages.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { bundle } from '@remotion/bundler';
import { openBrowser, renderMedia, selectComposition } from '@remotion/renderer';

const [board, recording, program, out, ...wanted] = process.argv.slice(2);
const turns = wanted.length ? wanted : ['ours', 'remotion-1', `remotion-${cpus().length}`, `blank-${cpus().length}`, 'ours'];
const [browserExecutable, chromeMode] = existsSync('/usr/bin/chromium-headless-shell')
    ? ['/usr/bin/chromium-headless-shell', 'headless-shell']
    : ['/usr/bin/chromium', 'chrome-for-testing'];

/** The exported page taken apart: scenes, score, colour of the paper. */
function film(folder) {
    execFileSync(program, ['export', board, '--to', 'html', '--silent', '--quiet', '--out', folder]);
    const page = readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.film.html'))), 'utf8');
    const { score } = JSON.parse(/id="film">(.*?)<\/script>/s.exec(page)[1]);
    const scenes = page.split('<svg class="scene"').slice(1).map((rest, i) => {
        const end = score.scenes.length === i + 1 ? rest.indexOf('<p id="caption"') : rest.length;
        return `<svg class="scene"${rest.slice(0, end < 0 ? rest.length : end)}`;
    });
    return { score, scenes, background: /--page:(#\w+)/.exec(page)[1], voice: `voice${extname(recording)}` };
}

const clocked = async (work) => {
    const begun = performance.now();
    await work();
    return (performance.now() - begun) / 1000;
};

/** Seconds that our program takes, beginning with nothing remembered. */
async function ours(file) {
    const cache = mkdtempSync(join(tmpdir(), 'beside-remotion-'));
    const made = join(cache, 'out');
    const env = { ...process.env, XDG_CACHE_HOME: join(cache, 'cache') };
    const took = await clocked(() => execFileSync(program, ['render', board, '--audio', recording, '--quiet', '--out', made], { env }));
    copyFileSync(join(made, readdirSync(made).find((name) => name.endsWith('.mp4'))), file);
    rmSync(cache, { recursive: true });
    return took;
}

const probe = (file) => {
    const seen = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name,width,height,nb_frames:format=duration', '-of', 'json', file]);
    const { streams, format } = JSON.parse(seen);
    const video = streams.find((stream) => stream.width);
    const sound = streams.find((stream) => /aac|opus/.test(stream.codec_name));
    return `${video.width}x${video.height} ${video.codec_name}, ${sound?.codec_name ?? 'no sound'}, ${Number(format.duration).toFixed(1)} s, ${(statSync(file).size / 1e6).toFixed(1)} MB`;
};

/** How alike two videos are, picture by picture, from 0 to 1; the second begins so many seconds later. */
function alike(a, b, from) {
    const graph = `[0:v:0]trim=start=${from},setpts=PTS-STARTPTS,fps=2,format=yuv420p[a];[1:v:0]setpts=PTS-STARTPTS,fps=2,format=yuv420p[b];[a][b]ssim=shortest=1`;
    const words = execFileSync('sh', ['-c', 'exec ffmpeg -hide_banner -nostats -i "$1" -i "$2" -lavfi "$3" -f null - 2>&1', 'sh', a, b, graph], { encoding: 'utf8' });
    return Number(/All:([\d.]+)/.exec(words)[1]);
}

mkdirSync(join(out, 'public'), { recursive: true });
const source = film(join(out, 'page'));
writeFileSync(join(out, 'public/film.json'), JSON.stringify(source));
copyFileSync(recording, join(out, 'public', source.voice));
const built = {};
built.seconds = await clocked(async () => {
    built.at = await bundle({ entryPoint: join(process.cwd(), 'composition.jsx'), publicDir: join(out, 'public') });
});
const { frames, fps } = source.score;
console.log(`${basename(board)}: ${frames} frames, ${(frames / fps).toFixed(1)} s at ${fps}, ${source.score.scenes.length} scenes; ${basename(browserExecutable)}, ${cpus().length} cores; bundled once in ${built.seconds.toFixed(1)} s (not counted)`);

/** Frames of a turn of Remotion, and the seconds it takes; its browser is open before. */
async function theirs(tabs, range, blank, file) {
    const browser = { browserExecutable, chromeMode, chromiumOptions: { gl: null }, logLevel: 'error' };
    const puppeteerInstance = await openBrowser('chrome', browser);
    const film = { ...browser, puppeteerInstance, serveUrl: built.at, inputProps: { blank } };
    const composition = await selectComposition({ ...film, id: 'film' });
    const took = await clocked(() => renderMedia({
        ...film, composition, codec: 'h264', x264Preset: 'superfast', imageFormat: 'jpeg', concurrency: tabs, frameRange: range, outputLocation: file,
    }));
    await puppeteerInstance.close({ silent: true });
    return [range ? range[1] - range[0] + 1 : frames, took];
}

const rates = {};
for (const turn of turns) {
    const [who, tabs, ...range] = turn.split('-');
    const file = join(out, `${turn}.mp4`);
    const [made, took] = who === 'ours'
        ? [frames, await ours(file)]
        : await theirs(Number(tabs), range.length ? range.map(Number) : null, who === 'blank', file);
    (rates[who] ??= []).push(made / took);
    console.log(`${turn.padEnd(20)} ${took.toFixed(2).padStart(7)} s ${(made / took).toFixed(1).padStart(8)} frames a second   ${probe(file)}`);
}
const last = turns.findLast((turn) => turn.startsWith('remotion'));
if (last && turns.includes('ours')) {
    const least = Math.min(...rates.ours);
    console.log(`beside Remotion at its best ${(least / Math.max(...rates.remotion)).toFixed(1)} times its frames a second (bar 20)`
        + (rates.blank ? `; beside Remotion with nothing on the page ${(least / Math.max(...rates.blank)).toFixed(1)}` : ''));
    const from = Number(last.split('-')[2] ?? 0) / fps;
    console.log(`likeness of the two videos ${alike(join(out, 'ours.mp4'), join(out, `${last}.mp4`), from).toFixed(4)} of 1 (SSIM, two pictures a second)`);
}
