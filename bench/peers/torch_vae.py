"""The reference VAE in PyTorch, as a peer of bench/training.py and bench/gpu.py; --how eager, fused or compile."""

import time

import torch
from torch import nn
from torch.nn import functional

import bursts


class Vae(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, bursts.HIDDEN), nn.LeakyReLU(bursts.LEAK),
                                     nn.Linear(bursts.HIDDEN, 2 * bursts.LATENT))
        self.decoder = nn.Sequential(nn.Linear(bursts.LATENT, bursts.HIDDEN), nn.ReLU(),
                                     nn.Linear(bursts.HIDDEN, inputs))

    def forward(self, x):
        """The loss: mean over the batch."""
        mean, log_variance = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        bce = functional.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()
        return (bce + kl) / len(x)


class Trainer:
    def __init__(self, data, how, device):
        self.data = data.to(device)
        self.device = device
        self.model = Vae(data.shape[1]).to(device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), bursts.RATE,
                                          fused=how != "eager")
        self.loss_of = self.model
        if how == "compile":   # compiling Adam too was slower than its fused kernel
            mode = "reduce-overhead" if device == "cuda" else None   # CUDA graphs
            self.loss_of = torch.compile(self.model, dynamic=False, mode=mode)
        self.order, self.at = self.shuffled(len(data)), 0

    def shuffled(self, inputs):
        return torch.randperm(inputs).to(self.device)

    def step(self, rows):
        loss = self.loss_of(self.data[rows])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def epoch(self, inputs, batch):
        order = self.shuffled(inputs)
        return [self.step(order[at:at + batch]).item()
                for at in range(0, inputs - batch + 1, batch)]

    def run(self, seconds, batch):
        samples, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            if self.at + batch > len(self.data):   # batches of one size: compiled once
                self.order, self.at = self.shuffled(len(self.data)), 0
            self.step(self.order[self.at:self.at + batch])
            self.at += batch
            samples += batch
        if self.device == "cuda":
            torch.cuda.synchronize()
        return samples


def main():
    options = bursts.arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    data = torch.from_numpy(bursts.images(options.data, options.inputs))
    bursts.serve(Trainer(data, options.how, options.device), f"PyTorch {torch.__version__.split('+')[0]}")


if __name__ == "__main__":
    main()
