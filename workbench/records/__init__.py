"""What the store remembers, as plain frozen values; no database object leaves the store."""

from workbench.records.data import Branch, Change, CheckRun, Ruling, Version
from workbench.records.desk import (
    KINDS,
    Action,
    Agreement,
    Decision,
    Disagreement,
    Item,
    Kind,
    Progress,
    Queue,
    QueueState,
)
from workbench.records.gaps import FailureNote, Gap
from workbench.records.golden import LOOKS, PARTS, Erratum, Golden, Look, Part, RowState, Said, Signature, SignState
from workbench.records.judged import Answer, Evaluation
from workbench.records.judges import Judge, JudgeForm, JudgeRun, JudgeScore, JudgeWork
from workbench.records.probes import ProbeRun
from workbench.records.prompts import Climb, Prompt
from workbench.records.ratings import Card, Choice, Pack, Round, Vote
from workbench.records.suspects import ApprovedPhrase, LeakRuling, LeakSearch, Override, Pair
from workbench.records.work import Job, JobState, Run, Study

__all__ = [
    "KINDS",
    "LOOKS",
    "PARTS",
    "Action",
    "Agreement",
    "Answer",
    "ApprovedPhrase",
    "Branch",
    "Card",
    "Change",
    "CheckRun",
    "Choice",
    "Climb",
    "Decision",
    "Disagreement",
    "Erratum",
    "Evaluation",
    "FailureNote",
    "Gap",
    "Golden",
    "Item",
    "Job",
    "JobState",
    "Judge",
    "JudgeForm",
    "JudgeRun",
    "JudgeScore",
    "JudgeWork",
    "Kind",
    "LeakRuling",
    "LeakSearch",
    "Look",
    "Override",
    "Pack",
    "Pair",
    "Part",
    "ProbeRun",
    "Progress",
    "Prompt",
    "Queue",
    "QueueState",
    "Round",
    "RowState",
    "Ruling",
    "Run",
    "Said",
    "SignState",
    "Signature",
    "Study",
    "Version",
    "Vote",
]
