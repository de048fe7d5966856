; Speaks the sentences of a file (each in double quotes, one a line) into OUT/N.wav, and writes the true times of their words to OUT/N.words
; ("start end word", in seconds). Set `sentences`, `out` and `voice` before loading:
;   festival -b '(begin (set! sentences "a.txt") (set! out "d") (set! voice voice_kal_diphone) (load "words.scm"))'
(voice)
(define (word_start utt word)
  (item.feat word "R:SylStructure.daughter1.daughter1.R:Segment.segment_start"))
(define (word_end utt word)
  (item.feat word "R:SylStructure.daughtern.daughtern.R:Segment.end"))
(let ((lines (load sentences t)) (n 0))
  (mapcar
    (lambda (text)
      (let ((utt (utt.synth (eval (list 'Utterance 'Text text)))) (fd nil))
        (utt.save.wave utt (format nil "%s/%02d.wav" out n))
        (set! fd (fopen (format nil "%s/%02d.words" out n) "w"))
        (mapcar
          (lambda (word)
            (format fd "%f %f %s\n" (word_start utt word) (word_end utt word) (item.name word)))
          (utt.relation.items utt 'Word))
        (fclose fd)
        (set! n (+ n 1))))
    lines))
