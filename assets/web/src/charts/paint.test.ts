import { expect, test } from 'vitest';
import { painted } from './paint';

test('roles become colours where colours stand, and nowhere else', () => {
    const option = {
        color: ['role:tone-0', '#123456'],
        xAxis: { data: ['role:bad', 'plain'], axisLine: { lineStyle: { color: 'role:line' } } },
        series: [{ name: 'role:ink', itemStyle: { borderColor: 'role:surface' }, data: [1, null, true] }],
    };
    expect(painted(option, false, (name) => `<${name}>`)).toEqual({
        color: ['<tone-0>', '#123456'],
        xAxis: { data: ['role:bad', 'plain'], axisLine: { lineStyle: { color: '<line>' } } },
        series: [{ name: 'role:ink', itemStyle: { borderColor: '<surface>' }, data: [1, null, true] }],
    });
    expect(option.color[0]).toBe('role:tone-0');
});
