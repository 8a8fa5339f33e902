"""The reference VAE in JAX with optax, jitted, as a peer of bench/training.py.

JAX has no option for its threads: it starts one for each processor that it may run on, so
bench/training.py pins it to as many.
"""

import functools
import time

import jax
import jax.numpy as jnp
import optax

import bursts

STEPS = 10   # in one call: 1.05 times as fast at batch 128 as one


def initial(key, inputs):
    widths = [(inputs, bursts.HIDDEN), (bursts.HIDDEN, 2 * bursts.LATENT),
              (bursts.LATENT, bursts.HIDDEN), (bursts.HIDDEN, inputs)]
    layers = []
    for number, (fan_in, fan_out) in enumerate(widths):
        keys = jax.random.split(jax.random.fold_in(key, number))
        bound = fan_in ** -0.5
        layers.append((jax.random.uniform(keys[0], (fan_in, fan_out), jnp.float32, -bound, bound),
                       jax.random.uniform(keys[1], (fan_out,), jnp.float32, -bound, bound)))
    return layers


def loss_of(layers, x, key):
    """Mean over the batch."""
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = layers
    heads = jax.nn.leaky_relu(x @ w1 + b1, bursts.LEAK) @ w2 + b2
    mean, log_variance = jnp.split(heads, 2, axis=1)
    z = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
    logits = jax.nn.relu(z @ w3 + b3) @ w4 + b4
    bce = optax.sigmoid_binary_cross_entropy(logits, x).sum()
    kl = 0.5 * (jnp.square(mean) + jnp.exp(log_variance) - log_variance - 1).sum()
    return (bce + kl) / len(x)


OPTIMISER = optax.adam(bursts.RATE)


@functools.partial(jax.jit, static_argnames=("batch", "count"), donate_argnums=0)
def steps(state, data, order, at, batch, count):
    """So many steps on the batches that begin at order[at]: the state after them, the losses."""
    def step(state, number):
        layers, moments, key = state
        key, noise = jax.random.split(key)
        x = data[jax.lax.dynamic_slice(order, (at + number * batch,), (batch,))]
        loss, gradients = jax.value_and_grad(loss_of)(layers, x, noise)
        updates, moments = OPTIMISER.update(gradients, moments)
        return (optax.apply_updates(layers, updates), moments, key), loss
    return jax.lax.scan(step, state, jnp.arange(count))


class Trainer:
    def __init__(self, data):
        self.data = data
        key = jax.random.key(0)
        layers = initial(key, data.shape[1])
        self.state = (layers, OPTIMISER.init(layers), key)
        self.shuffles = 0
        self.shuffle()

    def shuffle(self):
        self.shuffles += 1
        self.order = jax.random.permutation(jax.random.key(self.shuffles), len(self.data))
        self.at = 0

    def epoch(self, inputs, batch):
        order = jax.random.permutation(jax.random.key(0), inputs)
        self.state, losses = steps(self.state, self.data, order, 0, batch, inputs // batch)
        return losses

    def run(self, seconds, batch):
        count = min(STEPS, len(self.data) // batch)
        samples, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            if self.at + count * batch > len(self.data):
                self.shuffle()
            self.state, losses = steps(self.state, self.data, self.order, self.at, batch, count)
            losses.block_until_ready()
            self.at += count * batch
            samples += count * batch
        return samples


def main():
    options = bursts.arguments()
    data = jnp.asarray(bursts.images(options.data, options.inputs))
    bursts.serve(Trainer(data), f"JAX {jax.__version__} with optax {optax.__version__}")


if __name__ == "__main__":
    main()
