// Into which project recordings go that were dropped where no project is.
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';

const NEW = 'new';

type Props = { files: File[]; projects: Schemas['Project'][]; mayCreate: boolean; onClose: () => void; onTake: (project: string | null, title: string) => Promise<unknown> };
export function DropWhere({ files, projects, mayCreate, onClose, onTake }: Props) {
    const [project, choose] = useState(projects[0]?.id ?? NEW);
    return (
        <Window title={t('drop_where')} open onOpen={(open) => !open && onClose()}>
            <SendForm submit={t('upload_n', { n: files.length })} also={<Cancel />} onSend={({ title = '' }) => onTake(project === NEW ? null : project, title.trim())}>
                <p className="soft cut">{files.map(({ name }) => name).join(', ')}</p>
                <Pick label={t('project')} value={project} onChange={choose} choices={[...projects.map(({ id, title }) => ({ id, name: title })), ...(mayCreate ? [{ id: NEW, name: t('new_project') }] : [])]} />
                {project === NEW && <Field name="title" label={t('title')} defaultValue={t('first_project')} isRequired maxLength={200} autoFocus />}
            </SendForm>
        </Window>
    );
}
