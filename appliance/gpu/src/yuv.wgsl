// RGB to YUV 4:2:0 as `studio::draw::yuv` does it, which gives the constants. One invocation makes four bytes of each colour
// difference, and the luma of the eight by two pixels below them.

struct Strip {
    // Pixels in a row.
    width: u32,
    // Pairs of rows, and the first of them.
    pairs: u32,
    first: u32,
    // Words in a row of a colour difference; a row of luma has twice as many.
    words: u32,
    // Where the colour differences begin, in words.
    cb: u32,
    cr: u32,
    unused_a: u32,
    unused_b: u32,
}

@group(0) @binding(0) var<uniform> strip: Strip;
@group(0) @binding(1) var<storage, read> sheet: array<u32>;
@group(0) @binding(2) var<storage, read_write> planes: array<u32>;

fn channels(at: u32) -> vec3<i32> {
    let pixel = sheet[at];
    return vec3<i32>(vec3<u32>(pixel & 255u, (pixel >> 8u) & 255u, (pixel >> 16u) & 255u));
}

fn weighed(weights: vec3<i32>, rgb: vec3<i32>) -> i32 {
    return weights.x * rgb.x + weights.y * rgb.y + weights.z * rgb.z;
}

fn luma(rgb: vec3<i32>) -> u32 {
    return u32((weighed(Y, rgb) + Y_BIAS) >> BITS);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= strip.words || id.y >= strip.pairs {
        return;
    }
    let pair = strip.first + id.y;
    // By row and half: four bytes of luma.
    var y = vec4<u32>(0u);
    var cb = 0u;
    var cr = 0u;
    for (var i = 0u; i < 4u; i++) {
        // Beyond the right edge there are pixels that nobody looks at.
        let x = min(8u * id.x + 2u * i, strip.width - 2u);
        let upper = 2u * pair * strip.width + x;
        let lower = upper + strip.width;
        let a = channels(upper);
        let b = channels(upper + 1u);
        let c = channels(lower);
        let d = channels(lower + 1u);
        let shift = 16u * (i % 2u);
        let top = (luma(a) | (luma(b) << 8u)) << shift;
        let bottom = (luma(c) | (luma(d) << 8u)) << shift;
        if i < 2u {
            y.x |= top;
            y.z |= bottom;
        } else {
            y.y |= top;
            y.w |= bottom;
        }
        let sum = a + b + c + d;
        cb |= u32((weighed(CB, sum) + C_BIAS) >> (BITS + 2u)) << (8u * i);
        cr |= u32((weighed(CR, sum) + C_BIAS) >> (BITS + 2u)) << (8u * i);
    }
    let at = (2u * pair) * 2u * strip.words + 2u * id.x;
    planes[at] = y.x;
    planes[at + 1u] = y.y;
    planes[at + 2u * strip.words] = y.z;
    planes[at + 2u * strip.words + 1u] = y.w;
    planes[strip.cb + pair * strip.words + id.x] = cb;
    planes[strip.cr + pair * strip.words + id.x] = cr;
}
