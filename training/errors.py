"""What can go wrong in a training run, told with the way out."""


class TrainingError(Exception):
    """Base of all errors of `training`; `str(error)` is written for a person."""


class PlanError(TrainingError):
    """A knob of the plan is unknown, out of its bounds, or asks for what this machine cannot do."""


class RowsError(TrainingError):
    """The rows cannot be trained on: a column is missing, or nothing is left to learn from."""


class TemplateError(TrainingError):
    """The model's chat template cannot render these rows."""


class ModelError(TrainingError):
    """The base model cannot be loaded."""


class Diverged(TrainingError):
    """The loss or its gradient is no longer a number; going on would only spoil the adapter."""


class NotResumable(TrainingError):
    """The output folder holds another run, or one that was started with another plan or other rows."""


class BadAdapter(TrainingError):
    """An adapter folder is incomplete, damaged, or made for another base model."""


class DiskFull(TrainingError):
    """The disk has no room for what the run must write, or will have none before it ends."""
