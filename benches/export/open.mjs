// Exports a storyboard and opens every file: node open.mjs STORYBOARD PROGRAM FOLDER
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { check, end, equal, has, run, skip, trial } from './checks.mjs';
import { browsed } from './browse.mjs';

const [board, program, out] = process.argv.slice(2);
const storyboard = JSON.parse(readFileSync(board, 'utf8'));
const name = basename(board).replace(/(\.storyboard)?\.json$/, '');
const FLOWS = ['flow', 'swimlane', 'steps', 'cycle', 'state'];
const exported = (format, ...rest) => run(program, ['export', board, '--to', format, '--out', out, ...rest]);
const file = (suffix) => join(out, `${name}${suffix}`);
const text = (suffix) => readFileSync(file(suffix), 'utf8');
const plain = (label) => label.replace(/\s+/g, ' ').trim();
const boxes = (scene) => scene.nodes.filter((node) => !node.container).map((node) => plain(node.label));

/** What is read of a graph language by our own import. */
const again = (suffix) => JSON.parse(run(program, ['outline', file(suffix)])).scenes[0];
const imported = (format, suffix, scene) => {
    const read = again(suffix);
    check(`${format}${suffix} imported again`, JSON.stringify(boxes(read).sort()) === JSON.stringify(boxes(scene).sort()), JSON.stringify(boxes(read)));
    equal(`${format}${suffix} imported again, arrows`, read.edges.length, scene.edges.length);
};

for (const format of ['svg', 'png', 'dot', 'mermaid', 'd2', 'drawio', 'excalidraw', 'pptx', 'pdf', 'gif', 'webp', 'moving-svg', 'html']) {
    await trial(`export ${format}`, () => exported(format));
}

for (const [i, scene] of storyboard.scenes.entries()) {
    const at = `.${i + 1}`;
    await trial(`dot ${at}`, () => {
        if (!has('dot')) return skip('dot', 'Graphviz');
        const graph = JSON.parse(run('dot', ['-Tjson', file(`${at}.dot`)]));
        const nodes = (graph.objects ?? []).filter((object) => object.shape && object.style !== 'invis');
        equal(`dot${at} boxes`, nodes.length, boxes(scene).length);
        equal(`dot${at} arrows`, (graph.edges ?? []).length, scene.edges.length);
        run('dot', ['-Tpng', '-o', file(`${at}.dot.png`), file(`${at}.dot`)]);
        imported('dot', `${at}.dot`, scene);
    });
    await trial(`mermaid ${at} imported`, () => {
        // Sequences, timelines and pies are diagrams of their own, which are not imported.
        if (!/^flowchart /m.test(text(`${at}.mmd`))) return;
        imported('mermaid', `${at}.mmd`, scene);
    });
    await trial(`d2 ${at}`, async () => {
        const { D2 } = await import('@terrastruct/d2');
        const d2 = new D2();
        const compiled = await d2.compile(text(`${at}.d2`));
        const shapes = compiled.diagram.shapes.filter((shape) => shape.id !== 'heading');
        const rooms = scene.groups?.length ?? 0;
        const lanes = scene.kind === 'swimlane' ? (scene.actors?.length ?? 0) : 0;
        equal(`d2${at} shapes`, shapes.length, boxes(scene).length + rooms + lanes);
        equal(`d2${at} connections`, compiled.diagram.connections.length, scene.edges.length);
        const { writeFileSync } = await import('node:fs');
        writeFileSync(file(`${at}.d2.svg`), await d2.render(compiled.diagram, compiled.renderOptions));
        imported('d2', `${at}.d2`, scene);
    });
    await trial(`bpmn ${at}`, async () => {
        if (!FLOWS.includes(scene.kind)) return;
        exported('bpmn', '--scene', String(i + 1));
        const { BpmnModdle } = await import('bpmn-moddle');
        const { rootElement, warnings } = await new BpmnModdle().fromXML(text(`${at}.bpmn`));
        equal(`bpmn${at} warnings`, warnings.length, 0);
        const process = rootElement.rootElements.find((element) => element.$type === 'bpmn:Process');
        const flows = process.flowElements.filter((element) => element.$type === 'bpmn:SequenceFlow');
        equal(`bpmn${at} nodes`, process.flowElements.length - flows.length, boxes(scene).length);
        equal(`bpmn${at} flows`, flows.length, scene.edges.length);
        const drawn = rootElement.diagrams[0].plane.planeElement;
        const ids = new Set(drawn.map((shape) => shape.bpmnElement?.id));
        check(`bpmn${at} everything has its shape`, process.flowElements.every((element) => ids.has(element.id)));
    });
}

const labels = storyboard.scenes.flatMap(boxes);
const letters = (words) => words.normalize('NFKC').replace(/[\s\u00ad]+/g, '').toLowerCase();
await trial('pdf', () => {
    if (!has('pdfinfo')) return skip('pdf', 'Poppler');
    const about = run('pdfinfo', [file('.pdf')]);
    equal('pdf pages', Number(/Pages:\s+(\d+)/.exec(about)[1]), storyboard.scenes.length);
    check('pdf tagged', /Tagged:\s+yes/.test(about), about);
    const words = letters(run('pdftotext', ['-raw', file('.pdf'), '-']));
    const missing = labels.filter((label) => !words.includes(letters(label)));
    check(`pdf holds ${labels.length} labels as words`, missing.length <= labels.length * 0.02, JSON.stringify(missing));
    run('pdftoppm', ['-r', '72', '-png', file('.pdf'), file('.pdf')]);
});
await trial('pptx', () => {
    if (!has('soffice')) return skip('pptx', 'LibreOffice');
    run('soffice', ['--headless', '--convert-to', 'pdf', '--outdir', join(out, 'office'), file('.pptx')]);
    const made = join(out, 'office', `${name}.pdf`);
    equal('pptx slides', Number(/Pages:\s+(\d+)/.exec(run('pdfinfo', [made]))[1]), storyboard.scenes.length);
    const words = letters(run('pdftotext', ['-raw', made, '-']));
    const missing = labels.filter((label) => !words.includes(letters(label)));
    check(`pptx holds ${labels.length} labels as words`, missing.length <= labels.length * 0.02, JSON.stringify(missing));
    run('pdftoppm', ['-r', '72', '-png', made, join(out, 'office', 'slide')]);
});
for (const suffix of readdirSync(out).filter((f) => f.endsWith('.svg') && !f.includes('.d2.'))) {
    await trial(suffix, () => {
        if (!has('rsvg-convert')) return skip(suffix, 'librsvg');
        run('rsvg-convert', ['--unlimited', '-o', join(out, `${suffix}.png`), join(out, suffix)]);
        check(`${suffix} drawn by librsvg`, true);
    });
}
await browsed({ file, text, storyboard, boxes, name, out });
end();
// D2's worker would keep the program waiting.
process.exit();
