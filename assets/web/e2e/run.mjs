// The app as a person meets it: a real appliance with the page in it, a real browser, real files. Stops at nothing that fails, and ends with
// how many checks passed.
//
//   node e2e/run.mjs PROGRAM [TASK...]      PROGRAM: an audiagram built with the page; TASK: only tasks whose names hold one of these;
//   AUDIAGRAM_PAGE=dist before it takes the page that was built last, and not the one in PROGRAM (page.mjs)
import { writeFileSync, mkdirSync } from 'node:fs';
import { appliance } from './appliance.mjs';
import asking from './asking.mjs';
import { browser, Checks, OUT } from './browser.mjs';
import admin from './admin.mjs';
import alerts from './alerts.mjs';
import firstRun from './first-run.mjs';
import finding from './finding.mjs';
import injection from './injection.mjs';
import keyboard from './keyboard.mjs';
import boards from './boards.mjs';
import editor from './editor.mjs';
import exports from './exports.mjs';
import factors from './factors.mjs';
import making from './making.mjs';
import microphone from './microphone.mjs';
import folders from './folders.mjs';
import operation from './operation.mjs';
import operators from './operators.mjs';
import owners from './owners.mjs';
import pictures from './pictures.mjs';
import policies from './policies.mjs';
import portal from './portal.mjs';
import reports from './reports.mjs';
import reviews from './reviews.mjs';
import pseudo from './pseudo.mjs';
import rights from './rights.mjs';
import everyRoute from './routes.mjs';
import scenes from './scenes.mjs';
import shown from './shown.mjs';
import switching from './switching.mjs';
import tables from './tables.mjs';
import tasks from './tasks.mjs';
import together from './together.mjs';
import told from './told.mjs';
import walls from './walls.mjs';
import watching from './watching.mjs';
import wording from './wording.mjs';

const [program, ...only] = process.argv.slice(2);
if (!program) {
    console.error('usage: node e2e/run.mjs PROGRAM [TASK...]');
    process.exit(2);
}
mkdirSync(OUT, { recursive: true });
const running = await appliance(program);
const chrome = await browser();
const checks = new Checks(only);
const world = { base: running.url, code: running.code, appliance: running, chrome, checks, open: new Set(), states: {} };
try {
    for (const task of [...tasks, ...editor, ...watching, ...making, ...microphone, ...finding, ...asking, ...rights, ...together, ...admin, ...boards, ...reports, ...alerts, ...operation, ...operators, ...firstRun, ...reviews, ...portal, ...owners, ...exports, ...factors, ...folders, ...policies, ...shown, ...told, ...tables, ...switching, ...scenes, ...wording, ...injection, ...walls, ...pictures, ...keyboard, ...everyRoute, ...pseudo]) {
        await checks.task(task.name, () => task(world), world.open);
        for (const page of world.open) await page.context().close();
        world.open.clear();
    }
} finally {
    await chrome.close();
    await running.stop();
    writeFileSync(`${OUT}/measured.json`, JSON.stringify(checks.figures, null, 2));
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
if (checks.missed.length) console.log(`bars missed on this machine, as it is loaded now:\n     ${checks.missed.join('\n     ')}`);
process.exit(checks.failed ? 1 : 0);
