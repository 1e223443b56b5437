"""What a run's curves say, in plain words: what was seen, with its figures, and what to do about it

    from training.doctor import diagnose
    for finding in diagnose(read_metrics(folder), plan, result): print(finding.text)

Every look is noise-aware: a trend counts only where it stands out of what single steps scatter. How often it is wrong,
and what it misses, is measured on real runs by benchmarks/doctor.py; the table stands in docs/doctor.md.
"""

from training.doctor.diagnosis import diagnose as diagnose
from training.doctor.finding import Finding as Finding
from training.doctor.recital import Recited as Recited
from training.doctor.recital import recited as recited
