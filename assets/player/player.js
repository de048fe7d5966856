'use strict';
(() => {
  const { score, captions, labels, words } = JSON.parse(document.getElementById('film').textContent);
  const { fps, frames, scenes } = score;
  const $ = (id) => document.getElementById(id);
  const player = $('player');
  const voice = $('voice');
  const length = frames / fps;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // The clock: the voice where there is one, else a timer.
  let at = 0;
  let since = 0;
  let running = false;
  let rate = 1;
  const now = () => {
    if (voice && !voiceless()) return voice.currentTime;
    return running ? Math.min(length, at + ((performance.now() - since) / 1000) * rate) : at;
  };
  // A recording may be shorter than the film; then the timer goes on.
  const voiceless = () => voice.error || voice.ended || (voice.duration && at >= voice.duration);
  const seek = (to) => {
    at = Math.min(Math.max(to, 0), Math.max(0, length - 0.5 / fps));
    since = performance.now();
    if (voice && !voice.error) {
      voice.currentTime = Math.min(at, voice.duration || at);
      if (running && voice.paused && !voiceless()) voice.play().catch(() => pause());
    }
    show();
  };
  const play = () => {
    if (now() >= length - 1 / fps) seek(0);
    at = now();
    since = performance.now();
    running = true;
    player.classList.add('started', 'playing');
    $('play').setAttribute('aria-label', words.pause);
    if (voice && !voiceless()) voice.play().catch(() => pause());
    requestAnimationFrame(tick);
  };
  const pause = () => {
    at = now();
    running = false;
    player.classList.remove('playing');
    $('play').setAttribute('aria-label', words.play);
    if (voice) voice.pause();
  };
  const toggle = () => (running ? pause() : play());
  const tick = () => {
    if (!running) return;
    show();
    if (now() >= length - 0.5 / fps) return pause();
    requestAnimationFrame(tick);
  };
  if (voice) {
    voice.addEventListener('ended', () => {
      at = voice.duration;
      since = performance.now();
    });
  } else {
    player.classList.add('silent');
  }

  // What a value is at a frame: the rule of the film.
  const eased = (ease, t) => {
    if (ease === 'linear') return t;
    if (ease === 'out') return 1 - (1 - t) ** 3;
    return t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
  };
  const last = (moves, n) => {
    let low = 0;
    let high = moves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moves[middle][0] <= n) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const value = ([rest, moves], n) => {
    const i = last(moves, n);
    if (i < 0) return rest;
    const [first, end, from, to, ease] = moves[i];
    if (n + 1 >= end) return to;
    return from + (to - from) * eased(ease, (n + 1 - first) / (end - first));
  };
  const view = ({ start, moves }, n, cut) => {
    const i = last(moves, n);
    if (i < 0) return start;
    const [first, end, to, ease] = moves[i];
    if (cut || n + 1 >= end) return to;
    const from = i > 0 ? moves[i - 1][2] : start;
    const share = eased(ease, (n + 1 - first) / (end - first));
    return from.map((a, k) => a + (to[k] - a) * share);
  };

  // The pictures.
  const stages = [...document.querySelectorAll('.scene')].map((picture, i) => {
    const parts = scenes[i].parts.map((part, k) => {
      const group = picture.querySelector(`[data-i="${k}"]`);
      const shaft = group.querySelector('.shaft path');
      if (shaft) {
        shaft.setAttribute('pathLength', '1');
        shaft.setAttribute('stroke-dasharray', '1 1');
      }
      return { ...part, group, shaft, body: group.querySelector('.body'), light: group.querySelector('.lit'), was: {} };
    });
    return { picture, parts, diagram: picture.querySelector('.diagram'), was: {} };
  });
  const set = (of, element, name, wanted) => {
    const text = typeof wanted === 'number' ? String(Math.round(wanted * 1000) / 1000) : wanted;
    const key = `${element === of.group ? '' : element.getAttribute('class')}${name}`;
    if (of.was[key] === text) return;
    of.was[key] = text;
    element.setAttribute(name, text);
  };
  const draw = (n) => {
    const found = scenes.findIndex((scene) => n < scene.end);
    const current = found < 0 ? scenes.length - 1 : found;
    const scene = scenes[current];
    const reduced = calm.matches || scene.reduced;
    stages.forEach((stage, i) => {
      const hidden = i !== current;
      if (stage.picture.hasAttribute('hidden') !== hidden) stage.picture.toggleAttribute('hidden', hidden);
    });
    const stage = stages[current];
    const seen = view(scene.camera, n, reduced).map((v) => Math.round(v * 100) / 100).join(' ');
    if (stage.was.seen !== seen) {
      stage.was.seen = seen;
      stage.diagram.setAttribute('viewBox', seen);
    }
    for (const part of stage.parts) {
      const shown = value(part.shown, n);
      const line = part.shaft && !reduced;
      set(part, part.group, 'opacity', (line && shown > 0 ? 1 : shown) * value(part.dim, n));
      if (part.light) set(part, part.light, 'opacity', value(part.lit, n));
      if (part.shaft) {
        const drawn = reduced ? 1 : shown;
        set(part, part.shaft, 'stroke-dashoffset', 1 - drawn);
        set(part, part.body, 'opacity', Math.max(0, drawn * 4 - 3));
      }
      let move = '';
      if (!reduced && part.kind === 'node' && shown < 1) move = `translate(0 ${Math.round((1 - shown) * scene.rise)})`;
      if (!reduced && part.carry) {
        const { track, off, ratio, middle } = part.carry;
        const left = 1 - value(track, n);
        const scale = 1 + (ratio - 1) * left;
        if (left > 0) {
          const x = off[0] * left + middle[0] * (1 - scale);
          const y = off[1] * left + middle[1] * (1 - scale);
          move = `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(4)})`;
        }
      }
      set(part, part.group, 'transform', move);
    }
    return current;
  };

  // Words around the pictures.
  const clock = (s) => {
    const whole = Math.floor(s);
    const [h, m, r] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
    return h ? `${h}:${String(m).padStart(2, '0')}:${r}` : `${m}:${r}`;
  };
  const button = (seconds, text) => {
    const made = document.createElement('button');
    made.type = 'button';
    const time = document.createElement('time');
    time.textContent = clock(seconds);
    const label = document.createElement('span');
    label.textContent = text;
    made.append(time, label);
    made.addEventListener('click', () => seek(seconds));
    return made;
  };
  const listed = (list, made) => {
    const item = document.createElement('li');
    item.append(made);
    list.append(item);
    return made;
  };
  const chapters = scenes.map((scene, i) => listed($('scenes'), button(scene.first / fps, scene.title || `${i + 1}`)));
  const lines = captions.map(([start, , text]) => {
    const made = button(start / 1000, text.replaceAll('\n', ' '));
    $('lines').append(made);
    return made;
  });
  scenes.slice(1).forEach((scene) => {
    const mark = document.createElement('i');
    mark.style.insetInlineStart = `${(scene.first / frames) * 100}%`;
    $('marks').append(mark);
  });
  const current = (list, i, scroll) => {
    list.forEach((made, k) => {
      if ((made.getAttribute('aria-current') === 'true') === (k === i)) return;
      if (k !== i) return made.removeAttribute('aria-current');
      made.setAttribute('aria-current', 'true');
      const box = made.closest('#lines, #scenes');
      if (scroll && !box.contains(document.activeElement)) {
        box.scrollTo({ top: made.offsetTop - box.offsetTop - box.clientHeight / 3, behavior: calm.matches ? 'auto' : 'smooth' });
      }
    });
  };
  let captioned = false;
  const show = () => {
    const t = now();
    // Players of sound round: a moment that was gone to may come back a little early.
    const scene = draw(Math.min(frames - 1, Math.floor(t * fps + 0.01)));
    const ms = t * 1000;
    const said = captions.findLastIndex(([start]) => start <= ms);
    current(chapters, scene, true);
    current(lines, said, true);
    const on = captioned && said >= 0 && ms < captions[said][1];
    $('caption').hidden = !on;
    if (on && $('caption').textContent !== captions[said][2]) $('caption').textContent = captions[said][2];
    $('seek').value = t;
    $('seek').setAttribute('aria-valuetext', say(words.at, { at: clock(t), length: clock(length), scene: scenes[scene].title }));
    $('clock').textContent = `${clock(t)} / ${clock(length)}`;
    $('chapter').textContent = scenes[scene].title;
  };

  // Search: what is said, and what stands in the boxes.
  const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const pool = [
    ...captions.map(([start, , text]) => [start, text.replaceAll('\n', ' ')]),
    ...labels,
    ...scenes.map((scene) => [(scene.first / fps) * 1000, scene.title]),
  ].sort((a, b) => a[0] - b[0]);
  const search = () => {
    const wanted = plain($('query').value).split(/\s+/).filter(Boolean);
    $('hits').replaceChildren();
    const hits = wanted.length ? pool.filter(([, text]) => wanted.every((word) => plain(text).includes(word))) : [];
    hits.slice(0, 100).forEach(([ms, text]) => listed($('hits'), button(ms / 1000, text)));
    $('found').textContent = wanted.length ? (hits.length === 1 ? words.place : say(words.places, { n: hits.length })) : '';
  };
  $('query').addEventListener('input', search);
  $('query').addEventListener('keydown', (event) => {
    if (event.key === 'Enter') $('hits').querySelector('button')?.click();
    if (event.key === 'Escape') {
      $('query').value = '';
      search();
      $('play').focus();
    }
  });

  // Controls.
  const captionsOn = (on) => {
    captioned = on;
    $('captions').setAttribute('aria-pressed', String(on));
    show();
  };
  const mute = () => {
    if (!voice) return;
    voice.muted = !voice.muted;
    $('mute').setAttribute('aria-pressed', String(voice.muted));
  };
  const speed = (wanted) => {
    at = now();
    since = performance.now();
    rate = wanted;
    if (voice) voice.playbackRate = wanted;
    $('speed').value = String(wanted);
  };
  const rates = [...$('speed').options].map((option) => Number(option.value));
  const turn = (by) => speed(rates[Math.min(Math.max(rates.indexOf(rate) + by, 0), rates.length - 1)]);
  const skip = (by) => seek(now() + by);
  const scene = (by) => {
    const n = now() * fps;
    const here = scenes.findLastIndex((s) => s.first <= n + 0.5);
    // Back goes to the beginning of this scene first.
    const back = by < 0 && n - scenes[here].first > 2 * fps;
    seek(scenes[Math.min(Math.max(back ? here : here + by, 0), scenes.length - 1)].first / fps);
  };
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.());
  $('seek').max = length;
  $('seek').addEventListener('input', () => seek(Number($('seek').value)));
  $('play').addEventListener('click', toggle);
  $('stage').addEventListener('click', toggle);
  $('back').addEventListener('click', () => scene(-1));
  $('next').addEventListener('click', () => scene(1));
  $('mute').addEventListener('click', mute);
  $('captions').addEventListener('click', () => captionsOn(!captioned));
  $('speed').addEventListener('change', () => speed(Number($('speed').value)));
  $('full').addEventListener('click', full);
  $('help').addEventListener('click', () => $('keys').showModal());

  const keys = {
    ' ': toggle, k: toggle, ArrowLeft: () => skip(-5), ArrowRight: () => skip(5), j: () => skip(-10), l: () => skip(10),
    ',': () => skip(-1 / fps), '.': () => skip(1 / fps), n: () => scene(1), p: () => scene(-1), Home: () => seek(0),
    End: () => seek(length), c: () => captionsOn(!captioned), m: mute, f: full, '<': () => turn(-1), '>': () => turn(1),
    '/': () => $('query').focus(), '?': () => $('keys').showModal(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $('keys').open) return;
    const on = event.target;
    if (on.matches('input[type=search], select')) return;
    // Space presses the button that has the focus; arrows move the slider.
    if (event.key === ' ' && on.matches('button, summary')) return;
    const act = /^[0-9]$/.test(event.key) ? () => seek((length * Number(event.key)) / 10) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const start = /^#t=(\d+(\.\d+)?)$/.exec(location.hash);
  if (start) {
    player.classList.add('started');
    seek(Number(start[1]));
  } else {
    // The first picture is seen complete until the film begins.
    draw(Math.max(0, scenes[0].end - 1));
    $('clock').textContent = `0:00 / ${clock(length)}`;
    $('seek').value = 0;
  }
})();
