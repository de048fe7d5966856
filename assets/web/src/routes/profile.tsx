// Who one is: the name that others see, which is one's own to say, and the address to sign in with, which is not.
import { useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { queries, selfQuery, useSession } from '../app/queries';
import { t, tOr } from '../i18n';
import { Badge, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { tell } from '../kit/toast';
import './portal.css';

export function Profile() {
    const self = useQuery(selfQuery);
    return (
        <section className="card padded stack">
            <div className="row apart"><h2>{t('profile')}</h2>{self.data && <span className="row"><span className="small soft">{t('clearance')}</span><Badge>{tOr(`class_${self.data.clearance}`, self.data.clearance)}</Badge></span>}</div>
            <Show of={self} lines={2}>{(self) => <Form key={self.version} self={self} />}</Show>
        </section>
    );
}

function Form({ self }: { self: Schemas['Member'] }) {
    const session = useSession();
    // One of the two may be saved and the other refused; the next try is based on that.
    const latest = useRef(self);
    // Who administers people says where they sign in, also for themselves.
    const may = (session?.can('member:update') && !session.operator) ?? false;
    const send = async ({ name = '', email = self.email ?? '' }) => {
        let now = latest.current;
        const known = (next: typeof self) => (latest.current = now = next);
        if (name.trim() !== now.name) known(await data(client.PATCH('/v1/me', { params: { header: ifMatch(now.version) }, body: { name: name.trim() } })));
        if (email.trim() !== (now.email ?? '')) known(await data(client.PATCH('/v1/members/{user}', { params: { path: { user: now.id }, header: ifMatch(now.version) }, body: { email: email.trim() } })));
        queries.setQueryData(selfQuery.queryKey, now);
        tell(t('saved'));
        await queries.invalidateQueries({ queryKey: ['members'] });
    };
    return (
        <SendForm submit={t('save')} onSend={send}>
            <Guard />
            <div className="grid">
                <Field name="name" label={t('your_name')} hint={t('name_hint')} defaultValue={self.name} isRequired maxLength={100} autoComplete="name" />
                {may
                    ? <Field name="email" type="email" label={t('email')} hint={t('email_signs_in')} defaultValue={self.email ?? ''} isRequired maxLength={254} autoComplete="email" />
                    : <Field name="email" type="email" label={t('email')} hint={t('email_by_admin')} value={self.email ?? ''} isReadOnly autoComplete="email" />}
            </div>
        </SendForm>
    );
}
