// One's own second factor: codes of an app, and codes on paper for the day it is gone.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { encode } from 'uqr';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { queries, useSession } from '../app/queries';
import { CodeField, ownFactorQuery } from '../app/code-field';
import { day, t } from '../i18n';
import { Action, Badge, Notice, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { saveFile } from './csv';
import { ShowFactor } from './second-factor';
import { Secret } from './secret';
import './portal.css';

/** One's own second factor: set up, seen, removed. */
export function SecondFactor() {
    const session = useSession();
    const own = useQuery(ownFactorQuery);
    const [codes, setCodes] = useState<string[]>([]);
    const [removing, remove] = useState(false);
    const done = async (shown: string[]) => {
        setCodes(shown);
        await queries.invalidateQueries({ queryKey: ownFactorQuery.queryKey });
    };
    const renew = () => void data(client.POST('/v1/me/second-factor/recovery-codes')).then(({ codes }) => done(codes), tellError);
    return (
        <section className="card padded stack" aria-label={t('second_factor')}>
            <div className="stack tight">
                <h2>{t('second_factor')}</h2>
                <p className="soft">{t('second_factor_intro')}</p>
            </div>
            {session?.locked && <Notice tone="warn" icon="shield"><strong>{t('factor_required')}</strong></Notice>}
            <Show of={own} lines={2}>
                {({ since, recovery_codes_left, required }) => (since ? (
                    <>
                        <p className="row wrap">
                            <Badge tone="good">{t('factor_on')}</Badge>
                            <span className="soft">{t('factor_since', { day: day(since) })}</span>
                            <Badge tone={recovery_codes_left < 3 ? 'warn' : 'plain'}>{t('n_codes_left', { n: recovery_codes_left })}</Badge>
                        </p>
                        <div className="row wrap">
                            {session && session.assurance_level < 2 && <ShowFactor />}
                            <Action icon="key" onPress={renew}>{t('renew_codes')}</Action>
                            <Action icon="trash" onPress={() => remove(true)}>{t('remove_factor')}</Action>
                        </div>
                        <Confirm
                            title={t('remove_factor')} text={required ? t('remove_factor_required') : t('remove_factor_text')} action={t('remove')} open={removing} onClose={() => remove(false)}
                            onYes={() => act(['second-factor', 'session'], () => client.DELETE('/v1/me/second-factor'), t('removed'))}
                        />
                    </>
                ) : (
                    <div>
                        <Ask button={{ look: 'primary', icon: 'shield', children: t('set_up_factor') }} title={t('second_factor')} large>
                            {(close) => <SetUp done={async (shown) => (close(), await done(shown))} />}
                        </Ask>
                    </div>
                ))}
            </Show>
            <Window title={t('recovery_codes')} open={codes.length > 0} onOpen={(open) => !open && (setCodes([]), void queries.invalidateQueries())}>
                {(close) => <Codes codes={codes} close={close} />}
            </Window>
        </section>
    );
}

/** First the password, so that nobody does it at a browser that was left open; then the app is told the key, and shows that it has it. */
function SetUp({ done }: { done: (codes: string[]) => Promise<void> }) {
    const [offer, setOffer] = useState<Schemas['NewSecondFactor'] | null>(null);
    if (!offer) {
        return (
            <SendForm key="password" submit={t('next')} also={<Cancel />} onSend={async ({ password = '' }) => setOffer(await data(client.POST('/v1/me/second-factor', { body: { password } })))}>
                <p className="soft">{t('factor_password')}</p>
                <Field name="password" type="password" label={t('password')} isRequired autoFocus autoComplete="current-password" />
            </SendForm>
        );
    }
    return (
        <SendForm key="code" submit={t('turn_on')} also={<Cancel />} onSend={async ({ code = '' }) => {
            const { codes } = await data(client.POST('/v1/me/second-factor/confirm', { body: { code } }));
            await done(codes);
        }}>
            <div className="factor">
                <Square text={offer.address} />
                <div className="stack">
                    <ol className="steps">
                        <li>{t('factor_step_scan')}</li>
                        <li>{t('factor_step_code')}</li>
                    </ol>
                    <Secret label={t('factor_key')} text={offer.key} />
                </div>
            </div>
            <CodeField />
        </SendForm>
    );
}

/** A text as QR code: dark on light in every look, as cameras want it. */
function Square({ text }: { text: string }) {
    const { size, data } = encode(text, { ecc: 'M', border: 2 });
    const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
    return (
        <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('factor_qr')} shapeRendering="crispEdges">
            <rect width={size} height={size} />
            <path d={path} />
        </svg>
    );
}

function Codes({ codes, close }: { codes: string[]; close: () => void }) {
    const text = `Audiagram, ${location.host}\n\n${codes.join('\n')}\n`;
    const copy = async () => {
        await navigator.clipboard.writeText(text);
        tell(t('copied'));
    };
    return (
        <>
            <p>{t('recovery_codes_text')}</p>
            <ol className="paper mono">{codes.map((code) => <li key={code}>{code}</li>)}</ol>
            <div className="actions">
                <Action icon="copy" onPress={() => void copy()}>{t('copy')}</Action>
                <Action icon="download" onPress={() => saveFile('audiagram-recovery-codes.txt', new Blob([text], { type: 'text/plain' }))}>{t('save_as_file')}</Action>
                <Action look="primary" onPress={close}>{t('codes_kept')}</Action>
            </div>
        </>
    );
}
