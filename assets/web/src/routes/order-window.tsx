// Ordering a video: shape, quality, form and look, with what was chosen last as the start.
import { useState } from 'react';
import { Link } from '@tanstack/react-router';
import { t } from '../i18n';
import { Pick, Segments, Switch } from '../kit/choose';
import { SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { KINDS } from '../editor/kinds';
import { ANY, CAPTIONS, MOTIONS, QUALITIES, SHAPES, THEMES, type Wish } from './order';
import { Spoken, spokenChoices } from './spoken';
import './order.css';

export type Ordered = { wish: Wish; language: string };
type Props = {
    open: boolean;
    onOpen: (open: boolean) => void;
    start: Wish;
    /** The most pixels of the shorter side that the plan allows. */
    most?: number;
    /** The language it was heard in, where it was heard already. */
    heard?: string;
    mayHear: boolean;
    kit?: { name: string; locked: boolean };
    onOrder: (ordered: Ordered) => Promise<unknown>;
};

export function OrderWindow({ open, onOpen, ...props }: Props) {
    return (
        <Window title={t('make_video')} open={open} onOpen={onOpen} large>
            {(close) => <Choosing {...props} close={close} />}
        </Window>
    );
}

function Choosing({ start, most = Infinity, heard, mayHear, kit, onOrder, close }: Omit<Props, 'open' | 'onOpen'> & { close: () => void }) {
    const [wish, setWish] = useState(start);
    const [language, speak] = useState(heard ?? ANY);
    const change = (part: Partial<Wish>) => setWish((before) => ({ ...before, ...part }));
    const anew = heard !== undefined && language !== heard;
    return (
        <SendForm submit={anew ? t('hear_again') : t('make_video')} also={<Cancel />} onSend={async () => (await onOrder({ wish, language }), close())}>
            <fieldset className="field shapes">
                <legend className="label">{t('shape')}</legend>
                {(Object.keys(SHAPES) as Wish['shape'][]).map((shape) => (
                    <label key={shape} className="shape">
                        <input type="radio" name="shape" value={shape} checked={wish.shape === shape} onChange={() => change({ shape })} />
                        <Picture of={SHAPES[shape]} />
                        <strong className="num">{SHAPES[shape].join(':')}</strong>
                        <span className="small soft">{t(`shape_${shape}`)}</span>
                    </label>
                ))}
            </fieldset>
            <div className="order-row">
                <div className="field">
                    <span className="label">{t('quality')}</span>
                    <Segments label={t('quality')} value={String(wish.quality)} onChange={(quality) => change({ quality: Number(quality) as Wish['quality'] })} choices={QUALITIES.filter((one) => one <= most).map((one) => ({ id: String(one), name: one === 2160 ? '4K' : `${one}p` }))} />
                </div>
                <div className="field">
                    <span className="label">{t('frames')}</span>
                    <Segments label={t('frames')} value={String(wish.fps)} onChange={(fps) => change({ fps: fps === '60' ? 60 : 30 })} choices={['30', '60'].map((id) => ({ id, name: id }))} />
                </div>
                <div className="field">
                    <span className="label">{t('container')}</span>
                    <Segments label={t('container')} value={wish.container} onChange={(container) => change({ container: container === 'webm' ? 'webm' : 'mp4' })} choices={[{ id: 'mp4', name: 'MP4' }, { id: 'webm', name: 'WebM' }]} />
                </div>
            </div>
            {kit?.locked ? (
                <p className="small soft">{t('brand_held', { name: kit.name })}</p>
            ) : (
                <div className="stack tight">
                    <Pick label={t('theme')} value={wish.theme ?? 'own'} onChange={(theme) => change({ theme: THEMES.find((one) => one === theme) })} choices={[
                        { id: 'own', name: kit ? t('brand_used', { name: kit.name }) : t('theme_own') },
                        ...THEMES.map((id) => ({ id, name: t(`theme_${id}`) })),
                    ]} />
                    <Link className="small" to="/brand-kits">{t('nav_brand_kits')}</Link>
                </div>
            )}
            <Pick label={t('drawn_as')} value={wish.kind ?? 'own'} onChange={(kind) => change({ kind: KINDS.find((one) => one === kind) })} choices={[{ id: 'own', name: t('as_told') }, ...KINDS.map((id) => ({ id, name: t(`diagram_${id}`) }))]} />
            <div className="grid">
                <Pick label={t('motion')} value={wish.motion ?? 'own'} onChange={(motion) => change({ motion: MOTIONS.find((one) => one === motion) })} choices={[{ id: 'own', name: t('as_storyboard') }, ...MOTIONS.map((id) => ({ id, name: t(`motion_${id}`) }))]} />
                <Pick label={t('captions')} value={wish.captions ?? 'own'} onChange={(captions) => change({ captions: CAPTIONS.find((one) => one === captions) })} choices={[{ id: 'own', name: t('as_storyboard') }, ...CAPTIONS.map((id) => ({ id, name: t(`captions_${id}`) }))]} />
            </div>
            <Switch on={!!wish.constant} onChange={(on) => change({ constant: on || undefined })}>{t('constant_rate')}</Switch>
            {heard === undefined ? <Spoken value={language} onChange={speak} /> : mayHear && (
                <div className="field">
                    <Pick label={t('language_spoken')} value={language} onChange={speak} choices={[...spokenChoices().filter(({ id }) => id !== ANY), ...(spokenChoices().some(({ id }) => id === heard) ? [] : [{ id: heard, name: heard }])]} />
                    {anew && <p className="hint" role="status">{t('hear_again_hint')}</p>}
                </div>
            )}
        </SendForm>
    );
}

/** A frame of that shape, with a diagram as it would lie in it. */
function Picture({ of: [w, h] }: { of: readonly [number, number] }) {
    const [width, height] = [(40 * w) / Math.max(w, h), (40 * h) / Math.max(w, h)];
    const [x, y] = [(44 - width) / 2, (44 - height) / 2];
    const upright = h > w;
    const at = (share: number) => (upright ? [x + width / 2, y + height * share] : [x + width * share, y + height / 2]) as [number, number];
    const [from, to] = [at(0.28), at(0.72)];
    return (
        <svg className="shape-picture" viewBox="0 0 44 44" aria-hidden="true">
            <rect x={x} y={y} width={width} height={height} rx="3" className="frame" />
            <path d={`M${from.join(' ')}L${to.join(' ')}`} />
            {[from, to].map(([cx, cy], i) => <rect key={i} x={cx - 5} y={cy - 3.5} width="10" height="7" rx="1.5" className="box" />)}
        </svg>
    );
}
