"""AML2: one file of Azure ML SDK v1: a run configuration, or the environment section that it points to.

`text` what cannot be read and which keys nobody knows, `values` what stands at a key, `refused` what the SDK cannot load,
`environments`, `images`, `credentials` and `service` what the service refuses, `targets` what the compute target needs,
`effects` what nobody uses.
"""

from envls.rules.sdk_v1.credentials import half_credentials, plaintext_credentials
from envls.rules.sdk_v1.effects import given_up_setting, setting_without_effect
from envls.rules.sdk_v1.environments import exclusive_settings, missing_conda_dependencies, reserved_environment_name
from envls.rules.sdk_v1.images import deprecated_base_image, image_without_conda, image_without_tag
from envls.rules.sdk_v1.service import (
    discouraged_environment_setting,
    incomplete_build_context,
    overlong_environment_text,
)
from envls.rules.sdk_v1.targets import conda_of_this_machine, missing_machine_size
from envls.rules.sdk_v1.text import (
    hidden_run_configuration,
    missing_sdk_v1_environment,
    not_yaml_in_sdk_v1,
    repeated_sdk_v1_key,
    retired_sdk_v1,
    template_of_run_configuration,
    unknown_sdk_v1_key,
    unreadable_sdk_v1_key,
)
from envls.rules.sdk_v1.values import environment_name_that_is_no_text, wrong_sdk_v1_value

__all__ = [
    "conda_of_this_machine",
    "deprecated_base_image",
    "discouraged_environment_setting",
    "environment_name_that_is_no_text",
    "exclusive_settings",
    "given_up_setting",
    "half_credentials",
    "hidden_run_configuration",
    "image_without_conda",
    "image_without_tag",
    "incomplete_build_context",
    "missing_conda_dependencies",
    "missing_machine_size",
    "missing_sdk_v1_environment",
    "not_yaml_in_sdk_v1",
    "overlong_environment_text",
    "plaintext_credentials",
    "repeated_sdk_v1_key",
    "reserved_environment_name",
    "retired_sdk_v1",
    "setting_without_effect",
    "template_of_run_configuration",
    "unknown_sdk_v1_key",
    "unreadable_sdk_v1_key",
    "wrong_sdk_v1_value",
]
