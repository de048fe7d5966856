// Who is told: people, and webhooks.
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { useSession } from '../app/queries';
import { webhooksQuery } from '../app/webhooks';
import { locale, t } from '../i18n';
import { Action, Badge } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';

type Audience = Schemas['Audience'];

/** Who is told: people, and places of the workspace's own. */
export function Told({ deliver, change }: { deliver: Audience; change: (deliver: Audience) => void }) {
    const session = useSession();
    const { users, nameOf } = usePeople();
    const webhooks = useQuery({ ...webhooksQuery, enabled: session?.can('webhook:read') ?? false }).data ?? [];
    const told = new Set([...(deliver.users ?? []), ...(deliver.webhooks ?? [])]);
    const hooks = new Map(webhooks.map(({ id, title }) => [id, title]));
    const add = (id: string) => change(hooks.has(id)
        ? { ...deliver, webhooks: [...(deliver.webhooks ?? []), id] }
        : { ...deliver, users: [...(deliver.users ?? []), id] });
    const drop = (id: string) => change({
        ...deliver, users: (deliver.users ?? []).filter((one) => one !== id), webhooks: (deliver.webhooks ?? []).filter((one) => one !== id),
    });
    const choices = [...users, ...webhooks.map(({ id, title, url }) => ({ id, name: title, hint: url }))].filter(({ id }) => !told.has(id));
    return (
        <fieldset className="bare stack tight">
            <legend>{t('alert_tell')}</legend>
            <span className="row wrap">
                {told.size === 0 && <span className="soft small">{t('alert_tell_nobody')}</span>}
                {[...told].map((id) => {
                    const name = hooks.get(id) ?? nameOf(id);
                    return <span key={id} className="row"><Badge>{name}</Badge><Action icon="close" look="quiet" aria-label={`${t('remove')}: ${name}`} onPress={() => drop(id)} /></span>;
                })}
            </span>
            {(deliver.users ?? []).length > 0 && <Switch on={Boolean(deliver.mail)} onChange={(on) => change({ ...deliver, mail: on ? locale() : null })}>{t('alert_by_mail')}</Switch>}
            {choices.length > 0 && <Pick key={told.size} label={t('alert_tell_add')} choices={choices} onChange={add} />}
        </fieldset>
    );
}
