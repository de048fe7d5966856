// What was checked, and what this machine cannot check.
import { execFileSync } from 'node:child_process';

let failed = 0;
let skipped = 0;
let passed = 0;

export const check = (name, holds, why = '') => {
    holds ? passed++ : failed++;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${holds || !why ? '' : `: ${why}`}`);
};
export const equal = (name, found, wanted) => check(`${name} ${wanted}`, found === wanted, `found ${found}`);
export const skip = (name, lacks) => {
    skipped++;
    console.log(`skip ${name}: this machine has no ${lacks}`);
};
/** Runs a check; what it throws is its failure. */
export const trial = async (name, run) => {
    try {
        await run();
    } catch (error) {
        check(name, false, error.stack ?? String(error));
    }
};
export const run = (program, args, input) => execFileSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
export const has = (program) => {
    try {
        execFileSync('sh', ['-c', `command -v ${program}`]);
        return true;
    } catch {
        return false;
    }
};
export const end = () => {
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exitCode = failed ? 1 : 0;
};
