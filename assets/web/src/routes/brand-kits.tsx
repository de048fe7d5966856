// Brand kits: how videos look. Colours are shown as they would be drawn while they are chosen; what stands out too little is said.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useChosen } from '../app/chosen';
import { Guard } from '../kit/leaving';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { number, t } from '../i18n';
import { Action, Badge, Empty, Notice } from '../kit/bits';
import { Pick, Segments, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Confirm } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { ColourField } from './colour-field';
import { MakeNamed, ShowNamed } from './named';
import { contrast, isColour, standsOut } from './contrast';
import { bannerOf, Preview, themeOf, watermarkOf, type Look } from './preview';

type Kit = Schemas['BrandKit'];
const FONTS = { inter: 'Inter', noto_sans_devanagari: 'Noto Sans Devanagari', noto_sans_arabic: 'Noto Sans Arabic', noto_sans_hebrew: 'Noto Sans Hebrew' } as const;
const kitsQuery = { queryKey: ['brand-kits'], queryFn: () => pages((after) => data(client.GET('/v1/brand-kits', { params: { query: { limit: 200, after } } }))) };

export function BrandKits() {
    const session = useSession();
    const navigate = useNavigate();
    const { kit: wanted } = useSearch({ from: '/app/brand-kits' });
    const kits = useQuery(kitsQuery);
    const { choices } = useChosen();
    const choose = (kit: string) => void navigate({ to: '/brand-kits', search: { kit }, replace: true });
    const make = (name: string) => data(client.POST('/v1/brand-kits', { body: { name } }));
    const mark = ({ id }: Kit) => choices?.brand_kit === id && <Badge tone="good">{t('in_use')}</Badge>;
    const fresh = session?.can('template:manage') && <MakeNamed label={t('new_kit')} list="brand-kits" make={make} choose={choose} />;
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_brand_kits') }]} title={t('nav_brand_kits')} intro={t('brand_kits_intro')}
            actions={!!kits.data?.length && fresh}>
            <ShowNamed of={kits} label={t('nav_brand_kits')} wanted={wanted} choose={choose} mark={mark}
                empty={<Empty icon="palette" title={t('no_kits')} action={fresh}>{t('no_kits_hint')}</Empty>}>
                {(now) => <One key={`${now.id} ${now.version}`} kit={now} />}
            </ShowNamed>
        </Page>
    );
}

function One({ kit }: { kit: Kit }) {
    const { choices, choose, may } = useChosen();
    const [look, setLook] = useState<Look>(kit.look);
    const [removing, remove] = useState(false);
    const set = (change: Partial<Look>) => setLook({ ...look, ...change });
    const theme = themeOf(look);
    const low = tooLow(look);
    const { banner, watermark } = look;
    const bar = bannerOf(look);
    const params = { path: { brand_kit: kit.id }, header: ifMatch(kit.version) };
    const colour = (name: 'background' | 'ink' | 'line' | 'accent') => (
        <ColourField name={name} label={t(`colour_${name}`)} value={look[name] ?? ''} base={theme.base[name]} against={name === 'background' ? undefined : theme.background} onChange={(value) => set({ [name]: value || null })} />
    );
    return (
        <div className="stack">
            <section className="card padded stack">
                <Preview look={look} label={t('preview')} logo={kit.logo ? logoOf(kit) : undefined} />
                {low.length > 0 && (
                    <Notice tone="warn">
                        <p><strong>{t('contrast_low')}</strong></p>
                        <ul className="small">
                            {low.map(({ name, against, ratio, least }) => <li key={name}><strong>{name}</strong> · {t('contrast_text', { against, ratio: number(Math.floor(ratio * 100) / 100), least: number(least) })}</li>)}
                        </ul>
                    </Notice>
                )}
            </section>
            <section className="card padded">
                <SendForm submit={t('save')} also={may && <Action look="quiet" icon="trash" onPress={() => remove(true)}>{t('remove')}</Action>} onSend={async ({ name = '' }) => {
                    await client.PATCH('/v1/brand-kits/{brand_kit}', { params, body: { name, look } });
                    await queries.invalidateQueries({ queryKey: ['brand-kits'] });
                    tell(t('saved'));
                }}>
                    <Guard also={look !== kit.look} whole />
                    <fieldset className="bare stack" disabled={!may}>
                        <div className="grid">
                            <Field name="name" label={t('name')} defaultValue={kit.name} isRequired maxLength={100} />
                            <Pick label={t('font')} value={look.font ?? 'inter'} onChange={(font) => set({ font: font as keyof typeof FONTS })} choices={Object.entries(FONTS).map(([id, name]) => ({ id, name }))} />
                        </div>
                        <div className="row wrap">
                            <Segments label={t('theme')} value={look.base ?? 'light'} onChange={(base) => set({ base: base as 'light' | 'dark' })} choices={[{ id: 'light', name: t('theme_light') }, { id: 'dark', name: t('theme_dark') }]} />
                            <Switch on={choices?.brand_kit === kit.id} onChange={(on) => void choose({ brand_kit: on ? kit.id : null })}>{t('use_everywhere')}</Switch>
                        </div>
                        <div className="grid">{colour('background')}{colour('ink')}{colour('line')}{colour('accent')}</div>
                        <div className="stack tight">
                            <h2>{t('box_colours')}</h2>
                            <div className="grid">
                                {(look.tones ?? []).map((tone, i) => (
                                    <ColourField key={i} label={t('colour_n', { n: i + 1 })} value={tone} base={theme.base.tones[i % theme.base.tones.length] ?? '#000000'} against={theme.background}
                                        onChange={(value) => set({ tones: value ? look.tones?.map((one, at) => (at === i ? value : one)) : look.tones?.filter((_, at) => at !== i) })} />
                                ))}
                            </div>
                            {(look.tones?.length ?? 0) < 6 && <div><Action icon="plus" onPress={() => set({ tones: [...(look.tones ?? []), theme.base.tones[look.tones?.length ?? 0] ?? '#4347CF'] })}>{t('add_colour')}</Action></div>}
                        </div>
                        <div className="stack tight">
                            <h2>{t('banner')}</h2>
                            <p className="small soft">{t('banner_hint')}</p>
                            <Switch on={!!banner} onChange={(on) => set({ banner: on ? { text: t('banner_first'), edge: 'top' } : null })}>{t('banner_show')}</Switch>
                            {banner && (
                                <>
                                    <div className="grid">
                                        <Field name="banner" label={t('words_written')} value={banner.text} onChange={(text) => set({ banner: { ...banner, text } })} isRequired maxLength={80} />
                                        <div className="field">
                                            <span className="label">{t('place_at')}</span>
                                            <Segments label={t('place_at')} value={banner.edge ?? 'top'} onChange={(edge) => set({ banner: { ...banner, edge: edge === 'bottom' ? 'bottom' : 'top' } })} choices={[{ id: 'top', name: t('at_top') }, { id: 'bottom', name: t('at_bottom') }]} />
                                        </div>
                                    </div>
                                    <div className="grid">
                                        <ColourField label={t('colour_strip')} value={banner.fill ?? ''} base={theme.ink} onChange={(fill) => set({ banner: { ...banner, fill: fill || null } })} />
                                        <ColourField label={t('colour_words')} value={banner.ink ?? ''} base={bar.ink} against={bar.fill} page={bar.fill} least={4.5} onChange={(ink) => set({ banner: { ...banner, ink: ink || null } })} />
                                    </div>
                                </>
                            )}
                        </div>
                        <div className="stack tight">
                            <h2>{t('watermark')}</h2>
                            <p className="small soft">{t('watermark_hint')}</p>
                            <Switch on={!!watermark} onChange={(on) => set({ watermark: on ? { text: kit.name.slice(0, 80), opacity: 80 } : null })}>{t('watermark_show')}</Switch>
                            {watermark && (
                                <div className="grid">
                                    <Field name="watermark" label={t('words_written')} value={watermark.text ?? ''} onChange={(text) => set({ watermark: { ...watermark, text } })} placeholder={t('logo')} maxLength={80} />
                                    <Field label={t('opacity')} type="number" range={{ min: 10, max: 100 }} value={String(watermark.opacity ?? 100)} onChange={(opacity) => set({ watermark: { ...watermark, opacity: Math.min(100, Math.max(10, Number(opacity) || 10)) } })} />
                                </div>
                            )}
                        </div>
                    </fieldset>
                </SendForm>
            </section>
            <Logo kit={kit} may={may} />
            <Confirm
                title={t('remove')} text={t('remove_kit_text', { name: kit.name })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={() => act(['brand-kits', 'choices'], () => client.DELETE('/v1/brand-kits/{brand_kit}', { params }), t('removed'))}
            />
        </div>
    );
}

const logoOf = ({ id, version }: Kit) => `/v1/brand-kits/${id}/logo?v=${version}`;

type Low = { name: string; against: string; ratio: number; least: number };
/** What stands out too little to be taken, as far as it can be told before it is sent. */
function tooLow(look: Look): Low[] {
    const { background: page, tones } = themeOf(look);
    const behind = t('colour_background');
    const chosen = (['ink', 'line', 'accent'] as const).filter((name) => isColour(look[name] ?? ''));
    const all: Low[] = chosen.map((name) => ({ name: t(`colour_${name}`), against: behind, ratio: standsOut(look[name] ?? '', page, page), least: name === 'ink' ? 4.5 : 3 }));
    if (look.tones?.length) all.push(...tones.map((tone, i) => ({ name: t('colour_n', { n: i + 1 }), against: behind, ratio: standsOut(tone, page, page), least: 3 })));
    const bar = bannerOf(look);
    if (look.banner) all.push({ name: t('banner'), against: t('colour_strip'), ratio: contrast(bar.ink, bar.fill), least: 4.5 });
    if (look.watermark?.text?.trim()) all.push({ name: t('watermark'), against: behind, ratio: contrast(watermarkOf(look), page), least: 4.5 });
    return all.filter(({ ratio, least }) => ratio < least);
}

async function base64(file: File): Promise<string> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
    return btoa(text);
}

function Logo({ kit, may }: { kit: Kit; may: boolean }) {
    const params = { path: { brand_kit: kit.id }, header: ifMatch(kit.version) };
    const give = async (file: File) => {
        if (file.type !== 'image/png' && file.type !== 'image/svg+xml') return tellError(new Error(t('logo_kinds')));
        if (file.size > 256 * 1024) return tellError(new Error(t('logo_large')));
        const body = { media_type: file.type, data: await base64(file) } as Schemas['NewLogo'];
        await act(['brand-kits'], () => client.POST('/v1/brand-kits/{brand_kit}/logo', { params, body }), t('saved'));
    };
    return (
        <section className="card padded row apart wrap">
            <div className="row">
                {kit.logo ? <img className="logo" src={logoOf(kit)} alt={t('logo')} /> : <span className="logo none"><Icon name="palette" /></span>}
                <div><h2>{t('logo')}</h2><p className="small soft">{t('logo_kinds')}</p></div>
            </div>
            {may && (
                <div className="row">
                    {kit.logo && <Action look="quiet" onPress={() => void act(['brand-kits'], () => client.DELETE('/v1/brand-kits/{brand_kit}/logo', { params }), t('removed'))}>{t('remove')}</Action>}
                    <FileTrigger acceptedFileTypes={['image/png', 'image/svg+xml']} onSelect={(files) => { const file = files?.[0]; if (file) void give(file); }}><Action icon="upload">{t('choose_logo')}</Action></FileTrigger>
                </div>
            )}
        </section>
    );
}
