// Icons: strokes on a grid of 24, drawn for this app.
const PATHS = {
    home: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4.500v-6h-5v6H5a1 1 0 0 1-1-1z',
    folder: 'M3 7a2 2 0 0 1 2-2h4l2 2.500h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z',
    wave: 'M4 10v4M8 6v12M12 9v6M16 4v16M20 10v4',
    video: 'M4 6h16v12H4zM10 9.500v5l4.500-2.500z',
    diagram: 'M4 4h7v5H4zM13 15h7v5h-7zM7.500 9v3.500a2 2 0 0 0 2 2h3.500M16.500 15V9m0 0-2 2m2-2 2 2',
    plus: 'M12 5v14M5 12h14',
    upload: 'M12 16V5m0 0L7.500 9.500M12 5l4.500 4.500M4 17v2a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-2',
    download: 'M12 5v11m0 0 4.500-4.500M12 16l-4.500-4.500M4 17v2a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-2',
    search: 'M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500 20 20',
    close: 'M6 6l12 12M18 6 6 18',
    check: 'M5 12.500 10 17.500 19.500 7',
    alert: 'M12 8v5m0 3v.01M12 3 2.500 20h19z',
    next: 'M9 5l7 7-7 7',
    down: 'M5 9l7 7 7-7',
    more: 'M5 11.500v1M12 11.500v1M19 11.500v1',
    users: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.300 2.700-5.500 6-5.500s6 2.200 6 5.500M16 4.500a3.500 3.500 0 0 1 0 6.500M18 15c2 .8 3 2.500 3 5',
    mail: 'M3 6h18v12H3zM3 7l9 6.500L21 7',
    shield: 'M12 3 4.500 6v5.500c0 4.500 3.200 7.800 7.500 9.500 4.300-1.700 7.500-5 7.500-9.500V6z',
    key: 'M8 10.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM10.500 11.500 19 3m-3 3 3 3',
    list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
    gauge: 'M4.500 18a9 9 0 1 1 15 0M12 14l4-5',
    gear: 'M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM12 3v3m0 12v3M4.200 7.500l2.600 1.500m10.400 6 2.600 1.500M4.200 16.500 6.800 15m10.400-6 2.600-1.500',
    building: 'M5 20V5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v15M15 9h3a1 1 0 0 1 1 1v10M3 20h18M8.500 8h3m-3 4h3m-3 4h3',
    heart: 'M3 12h4l2.500-6 4 13 2.500-7h5',
    trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13',
    link: 'M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1',
    play: 'M7 4.500v15l13-7.500z',
    undo: 'M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
    redo: 'm16 5 4 4-4 4M20 9H10a6 6 0 0 0 0 12h3',
    edit: 'M4 20h4L20 8l-4-4L4 16z',
    copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
    out: 'M14 4h5a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-5M10 8l-4 4 4 4M6 12h10',
    mic: 'M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21',
    palette: 'M12 3a9 9 0 1 0 0 18c1.500 0 2-.8 2-1.600 0-1.600-1-1.700-1-2.900 0-.9.800-1.500 1.700-1.500H17a4 4 0 0 0 4-4c0-4.500-4-8-9-8zM7.500 11h.01M10 7.500h.01M14.500 7.500h.01',
    jobs: 'M12 3a9 9 0 1 0 9 9M12 7v5l3.500 2M21 3v5h-5',
} as const;
export type IconName = keyof typeof PATHS;
const TURNS = new Set<IconName>(['next', 'undo', 'redo', 'out']);

export function Icon({ name }: { name: IconName }) {
    return (
        <svg className={TURNS.has(name) ? 'icon turns' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
            <path d={PATHS[name]} />
        </svg>
    );
}
