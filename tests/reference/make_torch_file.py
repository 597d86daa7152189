"""Makes small files as torch.save writes them, for the reader of torch's files (torch 2.13.0): small_state.pt, legacy_state.pt (the format
before torch 1.6) and averaged_state.pt (a checkpoint as timm's trainer leaves it, with an average of the weights and names of wrappers).

With timm 1.0.31 installed it prints what timm takes of averaged_state.pt, which torch_file_test.cpp repeats."""
import pathlib

import torch

here = pathlib.Path(__file__).parent


class Unknown:
    """Unpickled by Python it would run `print`; our reader must pass over it."""

    def __reduce__(self):
        return print, ("this must never be printed",)


counting = torch.arange(24.0).reshape(2, 3, 4)
state = {
    "model.view": counting.transpose(0, 2)[1:, :, 1],  # strided, with an offset: 13 17 21, 14 18 22, 15 19 23
    "model.double": torch.tensor(2.5, dtype=torch.float64),
    "model.brain": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "model.half": torch.nn.Parameter(torch.tensor([[0.25]], dtype=torch.float16)),
    "model.batches": torch.tensor(5),
}
checkpoint = {"epoch": 3, "rate": 0.1, "unknown": Unknown(), "state_dict": state, "sizes": [1, (2, 3, 4, 5), None, 2**70, -5]}
torch.save(checkpoint, here / "small_state.pt")
torch.save(checkpoint, here / "legacy_state.pt", _use_new_zipfile_serialization=False)


def named(value):
    """One array under each kind of name that wrappers leave."""
    names = ["module.parallel", "_orig_mod.compiled", "module._orig_mod.both", "plain"]
    return {name: torch.full((2,), value + i) for i, name in enumerate(names)}


averaged = here / "averaged_state.pt"
torch.save({"epoch": 9, "arch": "resnet18", "state_dict": named(10.0), "state_dict_ema": named(20.0), "metric": 0.5}, averaged)
try:
    from timm.models import load_state_dict
except ImportError:
    pass
else:
    print({name: value.tolist() for name, value in load_state_dict(str(averaged)).items()})
