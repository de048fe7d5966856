// A video can be made again, but what was said about it and who could see it by a link goes with it.
import { client, type Schemas } from '../api/client';
import { act } from '../app/act';
import { moment, t } from '../i18n';
import { Confirm } from '../kit/overlay';

export function DeleteVideo({ video, onClose }: { video: Schemas['Video']; onClose: () => void }) {
    const size = `${video.width} × ${video.height}`;
    return (
        <Confirm
            title={t('delete_video')} text={t('delete_video_text', { size, made: moment(video.created) })} action={t('delete_video')} open onClose={onClose}
            onYes={() => act(['videos', 'links'], () => client.DELETE('/v1/videos/{video}', { params: { path: { video: video.id } } }), t('removed'))}
        />
    );
}
