"""AML1: one file of Azure ML Workbench: a run configuration, a compute target, Spark dependencies.

`text` what cannot be read and what stands twice, `keys` which keys stand there and what stands at them, `targets` where a
run is to run.
"""

from envls.rules.workbench.keys import (
    key_from_before_the_preview,
    nothing_to_run,
    unknown_workbench_key,
    wrong_workbench_value,
)
from envls.rules.workbench.targets import (
    cluster_mode_with_notebooks,
    hdinsight_without_ssh,
    incomplete_compute_target,
    plaintext_password,
    shared_folder_without_volumes,
    single_backslash,
    untagged_docker_image,
    unused_compute_key,
)
from envls.rules.workbench.text import (
    not_yaml_in_workbench,
    repeated_workbench_key,
    retired_workbench,
    secret_in_workbench,
    template_of_workbench_file,
)

__all__ = [
    "cluster_mode_with_notebooks",
    "hdinsight_without_ssh",
    "incomplete_compute_target",
    "key_from_before_the_preview",
    "not_yaml_in_workbench",
    "nothing_to_run",
    "plaintext_password",
    "repeated_workbench_key",
    "retired_workbench",
    "secret_in_workbench",
    "shared_folder_without_volumes",
    "single_backslash",
    "template_of_workbench_file",
    "unknown_workbench_key",
    "untagged_docker_image",
    "unused_compute_key",
    "wrong_workbench_value",
]
