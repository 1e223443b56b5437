"""What can go wrong in an evaluation, told with the way out."""


class EvaluationError(Exception):
    """Base of all errors of `evaluators`; `str(error)` is written for a person."""


class Unpaired(EvaluationError):
    """Two arms do not stand on the same rows, so no paired comparison is possible."""


class MissingGroup(EvaluationError):
    """A row has no group id although rows are compared by group."""


class BadScorer(EvaluationError):
    """A metric file does not keep the scorer contract."""


class ModelUnusable(EvaluationError):
    """A model or adapter cannot be loaded or has no chat template."""


class BadRequest(EvaluationError):
    """The evaluation was asked for something that cannot be run, before any work was done."""
