"""Trains nothing, but logs how often it was told to."""

import argparse

import mlflow

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=1)
with mlflow.start_run():
    mlflow.log_param("rounds", parser.parse_args().rounds)
