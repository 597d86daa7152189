"""Makes small_state.pt, a state dictionary as torch.save writes it, for the reader of torch's files (torch 2.13.0)."""
import pathlib

import torch


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
torch.save(checkpoint, pathlib.Path(__file__).parent / "small_state.pt")
