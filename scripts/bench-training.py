"""The market of `TaktBench training` as a gymnasium environment, trained on by the PPO of stable-baselines3, one thread.

usage: bench-training.py FOLDER check    compares the market with the episodes that TaktBench has written; ends with 2
       bench-training.py FOLDER time     that, and CPU nanoseconds a step of whole iterations, the fastest of some

Runs in the environment that scripts/bench --compare makes. An iteration is a rollout and the update that follows. Measured
with PPO's own settings; with steps, passes and batches as many as takt trains with, in as many environments at a time; and
so with all episodes of an iteration at once, which leaves the least to the interpreter and is the best case of PPO.
"""

import json
import pathlib
import sys
import time
import warnings

import gymnasium
import numpy as np
import stable_baselines3
import torch
from safetensors.numpy import load_file
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import DummyVecEnv

WIDTH, ACTIONS, EPISODE, STARTS = 14, 3, 78, 1000
ITERATIONS = 3
# takt's: 16 groups of 16 rollouts that step together, three passes over all steps, in batches of about 1024.
GROUPS, ROLLOUTS, PASSES, BATCH = 16, 16, 3, 1024


class Market(gymnasium.Env):
    """A price that swings, a position, and numbers that stand for features."""

    # (bar · (i + 3)) mod 17 has a period of 17 bars; looked up, since computing it would be the market's time and not PPO's.
    FEATURES = np.array(
        [[np.float32((bar * (i + 3)) % 17) / np.float32(8.5) - np.float32(1) for i in range(WIDTH - 1)] + [0]
         for bar in range(17)], dtype=np.float32)

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (WIDTH,), np.float32)
    action_space = gymnasium.spaces.Discrete(ACTIONS)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.bar = options["start"] if options else int(self.np_random.integers(STARTS))
        self.end = self.bar + EPISODE
        self.position = self.turnover = 0.0
        return self.observation(), {}

    def observation(self):
        state = self.FEATURES[self.bar % 17].copy()
        state[-1] = self.position
        return state

    def step(self, action):
        target = self.position if action == 0 else 1.0 if action == 1 else -1.0
        traded = abs(target - self.position)
        self.turnover += traded
        self.position = target
        move = 0.002 if self.bar // 9 % 2 == 0 else -0.002
        reward = target * move - 0.0005 * traded
        self.bar += 1
        return self.observation(), reward, self.bar == self.end, False, {}


def differs(folder):
    """What is not as in the written episodes, to the last bit of 32; `None` if all is."""
    recorded = load_file(folder / "market.safetensors")
    for start, actions, rewards, states in zip(*(recorded[key] for key in ("start", "actions", "rewards", "states"))):
        market = Market()
        state, _ = market.reset(options={"start": int(start)})
        for step, action in enumerate(actions):
            if not np.array_equal(state, states[step]):
                return f"the state at step {step} from {start:.0f}"
            state, reward, is_done, _, _ = market.step(int(action))
            if np.float32(reward) != rewards[step]:
                return f"the reward at step {step} from {start:.0f}"
            if is_done != (step == len(actions) - 1):
                return f"the end at step {step} from {start:.0f}"
    return None


class Watch(BaseCallback):
    """When each rollout began and ended."""

    def __init__(self):
        super().__init__()
        self.begins, self.ends = [], []

    def _on_rollout_start(self):
        self.begins.append(time.process_time_ns())

    def _on_rollout_end(self):
        self.ends.append(time.process_time_ns())

    def _on_step(self):
        return True


def measure(name, environment, **settings):
    model = stable_baselines3.PPO(
        "MlpPolicy", environment, device="cpu", seed=1,
        policy_kwargs={"net_arch": [64, 64], "activation_fn": torch.nn.ReLU}, **settings)
    steps = model.n_steps * model.n_envs
    batches = -(-steps // model.batch_size) * model.n_epochs
    watch = Watch()
    model.learn(steps * (ITERATIONS + 1), callback=watch)
    watch.begins.append(time.process_time_ns())
    # The first one warms up.
    whole, rollout = min(
        (following - began, ended - began)
        for began, ended, following in list(zip(watch.begins, watch.ends, watch.begins[1:]))[1:])
    parameters = sum(values.numel() for values in model.policy.parameters())
    print(json.dumps({
        "name": name, "library": f"stable-baselines3 {stable_baselines3.__version__}, PyTorch {torch.__version__}",
        "nanoseconds": whole / steps,
        "note": f"{steps} steps of {model.n_envs} environment(s), rollout {rollout / 1e6:.0f} ms, update "
                f"{(whole - rollout) / 1e6:.0f} ms with {batches} changes of {parameters} weights of actor and critic"}))


def main(folder, task):
    # That the last batch is a shorter one.
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    difference = differs(folder)
    if difference:
        print(f"the markets differ: {difference}", file=sys.stderr)
        return 2
    if task == "time":
        measure("PPO's own settings", Market())
        for at_once in (ROLLOUTS, GROUPS * ROLLOUTS):
            length = EPISODE * GROUPS * ROLLOUTS // at_once
            measure(
                f"takt's sizes, {at_once} at a time", DummyVecEnv([Market] * at_once), n_steps=length, batch_size=BATCH,
                n_epochs=PASSES)
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
