// Lays graphs out with dagre, ELK and dot: `node peers.mjs < boxes.json > peers.json`.
// Boxes are those of `layouts boxes`: labels of 16 px. Each answer is boxes by top left corner, lines from corner to
// corner, and the time that the engine took.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const dagre = require("@dagrejs/dagre");
const ELK = require("elkjs");
const { instance } = require("@viz-js/viz");

const graphs = JSON.parse(readFileSync(0, "utf8"));
const viz = await instance();
const elk = new ELK();

function byDagre({ boxes, edges }, rankdir) {
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir });
  g.setDefaultEdgeLabel(() => ({}));
  boxes.forEach(([width, height], i) => g.setNode(String(i), { width, height }));
  edges.forEach(([a, b], i) => g.setEdge(String(a), String(b), {}, String(i)));
  dagre.layout(g);
  return {
    boxes: boxes.map((_, i) => {
      const { x, y, width, height } = g.node(String(i));
      return [x - width / 2, y - height / 2, width, height];
    }),
    lines: edges.map(([a, b], i) => g.edge(String(a), String(b), String(i)).points.map((p) => [p.x, p.y])),
  };
}

async function byElk({ boxes, edges }, options) {
  const laid = await elk.layout({
    id: "root",
    layoutOptions: { "elk.algorithm": "layered", "elk.edgeRouting": "ORTHOGONAL", ...options },
    children: boxes.map(([width, height], i) => ({ id: `n${i}`, width, height })),
    edges: edges.map(([a, b], i) => ({ id: `e${i}`, sources: [`n${a}`], targets: [`n${b}`] })),
  });
  const line = ({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint].map((p) => [p.x, p.y]);
  return {
    boxes: laid.children.map((n) => [n.x, n.y, n.width, n.height]),
    lines: laid.edges.map((e) => e.sections.flatMap(line)),
  };
}

function byDot({ boxes, edges }, rankdir) {
  const nodes = boxes.map(([w, h], i) => `n${i} [shape=box fixedsize=true label="" width=${w / 72} height=${h / 72}]`);
  const arcs = edges.map(([a, b]) => `n${a} -> n${b}`);
  const dot = `digraph { rankdir=${rankdir} splines=polyline ${nodes.join("; ")}; ${arcs.join("; ")} }`;
  const laid = JSON.parse(viz.renderString(dot, { format: "json" }));
  const of = Object.fromEntries(laid.objects.map((o) => [o.name, o.pos.split(",").map(Number)]));
  // Points of a polyline come as the control points of straight curves: each third one is a corner.
  const line = (pos) => {
    const parts = pos.split(" ");
    const at = (part) => part.split(",").slice(-2).map(Number);
    const tip = parts.find((p) => p.startsWith("e,"));
    const corners = parts.filter((p) => !/^[es],/.test(p)).map(at).filter((_, i) => i % 3 === 0);
    return (tip ? [...corners, at(tip)] : corners).map(([x, y]) => [x, -y]);
  };
  return {
    boxes: boxes.map(([w, h], i) => [of[`n${i}`][0] - w / 2, -of[`n${i}`][1] - h / 2, w, h]),
    lines: laid.edges.map((e) => line(e.pos)),
  };
}

const wrapped = (strategy) => ({
  "elk.direction": "RIGHT",
  "elk.layered.wrapping.strategy": strategy,
  "elk.aspectRatio": String(1760 / 820),
});
const engines = {
  "dagre down": (g) => byDagre(g, "TB"),
  "dagre across": (g) => byDagre(g, "LR"),
  "ELK down": (g) => byElk(g, { "elk.direction": "DOWN" }),
  "ELK across": (g) => byElk(g, { "elk.direction": "RIGHT" }),
  "ELK wrapped": (g) => byElk(g, wrapped("MULTI_EDGE")),
  "dot down": (g) => byDot(g, "TB"),
};
const answers = [];
for (const [name, engine] of Object.entries(engines)) {
  const laid = [];
  await engine(graphs[0]);
  for (const graph of graphs) {
    const start = performance.now();
    const placed = await engine(graph);
    laid.push({ ...placed, ms: performance.now() - start });
  }
  answers.push({ name, graphs: laid });
}
console.log(JSON.stringify(answers));
