"""The adaptive softmax (Grave et al., Efficient softmax approximation for GPUs, ICML 2017).

N words that are predicted, H hidden size.
"""

from torch import Tensor, nn
from torch.nn.functional import log_softmax


class AdaptiveSoftmax(nn.AdaptiveLogSoftmaxWithLoss):
    """torch's own layer, whose forward fails on a GPU where one word alone of a batch is of a tail."""

    def likelihoods(self, states: Tensor, ids: Tensor) -> Tensor:
        """Log-likelihoods [N] of ids [N], given the states [N, H] that predict them."""
        found = states.new_zeros(len(ids))
        in_head = ids.clone()  # of a word of a tail, the tail's own place in the head
        for number, tail in enumerate(self.tail):
            low, high = self.cutoffs[number : number + 2]
            (rows,) = ((ids >= low) & (ids < high)).nonzero(as_tuple=True)
            if len(rows):
                within = log_softmax(tail(states[rows]), dim=1).gather(1, (ids[rows] - low)[:, None])
                found[rows] = within[:, 0]
                in_head[rows] = self.shortlist_size + number
        head = log_softmax(self.head(states), dim=1)
        return found + head.gather(1, in_head[:, None])[:, 0]
