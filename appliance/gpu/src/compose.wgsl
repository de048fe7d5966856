// Every step of a frame for one pixel, in whole numbers: what `studio::draw` does in memory, with the same rounding.

struct Frame {
    width: u32,
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    steps: u32,
    unused_a: u32,
    unused_b: u32,
}

// What the details are depends on the kind.
struct Step {
    kind: u32,
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    e: u32,
    f: u32,
    g: u32,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read_write> sheet: array<u32>;
@group(0) @binding(2) var<storage, read> steps: array<Step>;
@group(0) @binding(3) var<storage, read> atlas: array<u32>;
@group(0) @binding(4) var<storage, read> large: array<u32>;
@group(0) @binding(5) var<storage, read> places: array<vec2<u32>>;

const OPAQUE = 0xff000000u;
const EVEN = 0x00ff00ffu;
const ALL = 0xffffffffu;

fn channels(pixel: u32) -> vec3<u32> {
    return vec3<u32>(pixel & 255u, (pixel >> 8u) & 255u, (pixel >> 16u) & 255u);
}

fn packed(rgb: vec3<u32>) -> u32 {
    return rgb.x | (rgb.y << 8u) | (rgb.z << 16u) | OPAQUE;
}

// `value / 255`, rounded, for products of two bytes.
fn by_255(value: vec3<u32>) -> vec3<u32> {
    let more = value + vec3<u32>(128u);
    return (more + (more >> vec3<u32>(8u))) >> vec3<u32>(8u);
}

// A pixel of a sprite over another. a, b: its corner; c: its table; d: tiles in a row; e: strength; f: reach.
fn lay(step: Step, x: u32, y: u32, below: u32) -> u32 {
    let dx = x - step.a;
    let dy = y - step.b;
    let tile = atlas[step.c + (dy / 16u) * step.d + dx / 16u];
    if tile == 0u {
        return below;
    }
    let at = tile + (dy % 16u) * 16u + dx % 16u;
    if step.f != ALL {
        if atlas[at + 256u] > step.f {
            return below;
        }
    }
    let pixel = atlas[at];
    let alpha = vec3<u32>(step.e);
    let left = vec3<u32>(255u) - by_255(vec3<u32>(pixel >> 24u) * alpha);
    let mixed = by_255(channels(pixel) * alpha) + by_255(channels(below) * left);
    return packed(min(mixed, vec3<u32>(255u)));
}

// a: the colour; b: the upper row of the band; c: its rows.
fn soften(step: Step, y: u32, below: u32) -> u32 {
    let share = (2u * (y - step.b) + 1u) * 128u / step.c;
    let mixed = channels(below) * share + channels(step.a) * (256u - share) + vec3<u32>(128u);
    return packed(mixed >> vec3<u32>(8u));
}

// Four bytes mixed with four others, of which there are `share` in 256; two at a time.
fn mixed(a: u32, b: u32, share: u32) -> u32 {
    let rest = 256u - share;
    let even = (((a & EVEN) * rest + (b & EVEN) * share) >> 8u) & EVEN;
    let odd = (((a >> 8u) & EVEN) * rest + ((b >> 8u) & EVEN) * share) & (~EVEN);
    return even | odd;
}

// a, b: the size of the larger surface; c: the first row. Columns come first among the places.
fn take(step: Step, x: u32, y: u32) -> u32 {
    let column = places[x];
    let row = places[frame.width + y - step.c];
    let right = min(column.x + 1u, step.a - 1u);
    let upper = row.x * step.a;
    let lower = min(row.x + 1u, step.b - 1u) * step.a;
    let first = mixed(large[upper + column.x], large[lower + column.x], row.y);
    let second = mixed(large[upper + right], large[lower + right], row.y);
    return mixed(first, second, column.y);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let x = frame.left + id.x;
    let y = frame.top + id.y;
    if x >= frame.right || y >= frame.bottom {
        return;
    }
    let at = y * frame.width + x;
    var pixel = sheet[at];
    for (var i = 0u; i < frame.steps; i++) {
        if x < steps[i].left || y < steps[i].top || x >= steps[i].right || y >= steps[i].bottom {
            continue;
        }
        let step = steps[i];
        switch step.kind {
            case 0u: { pixel = step.a; }
            case 1u: { pixel = lay(step, x, y, pixel); }
            case 2u: { pixel = soften(step, y, pixel); }
            default: { pixel = take(step, x, y); }
        }
    }
    sheet[at] = pixel;
}
