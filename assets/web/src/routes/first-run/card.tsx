// How far the set-up of the appliance is, where its operators come in; not there any more once it is complete.
import { useEffect } from 'react';
import { Link } from '@tanstack/react-router';
import { keep, keptOf, stateOf, STEPS } from '../../app/first-run';
import { useFirstRun } from '../../app/first-run-asked';
import { t } from '../../i18n';
import { Action, Meter, Skeleton } from '../../kit/bits';
import { tell } from '../../kit/toast';

export function SetUpCard({ end }: { end: () => void }) {
    const { done, session } = useFirstRun();
    const user = session?.id ?? '';
    const kept = keptOf(user);
    const states = STEPS.map((step) => stateOf(step, done, kept.out));
    const count = states.filter((state) => state === 'done').length;
    const left = STEPS.filter((_, i) => states[i] === 'left');
    const complete = count === STEPS.length;
    useEffect(() => {
        // What is complete is not looked for again: what breaks later, health and doctor tell.
        if (complete) keep(user, { ...keptOf(user), over: true });
    }, [complete, user]);
    if (complete) return null;
    // It has its place from the start, so that nothing moves when it is known.
    if (states.some((state) => state === undefined)) return <div className="card padded"><Skeleton lines={3} /></div>;
    const dismiss = () => {
        keep(user, { ...kept, over: true });
        end();
        tell(t('run_hidden'));
    };
    return (
        <section className="card padded stack tight" aria-labelledby="set-up-card">
            <div className="row wrap apart">
                <div className="stack tight grow">
                    <h2 id="set-up-card">{t('run_card', { done: count, all: STEPS.length })}</h2>
                    <p className="small soft">{left.map((step) => t(`run_step_${step}`)).join(' · ') || t('run_card_out')}</p>
                </div>
                <div className="row">
                    <Action look="quiet" onPress={dismiss}>{t('run_no_more')}</Action>
                    <Link className="button primary" to="/system/set-up">{t('run_go_on')}</Link>
                </div>
            </div>
            <Meter share={count / STEPS.length} label={t('run_card', { done: count, all: STEPS.length })} />
        </section>
    );
}
