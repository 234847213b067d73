"""AML3: one file of Azure ML CLI v2: an environment, a job, a component, a deployment.

`text` what cannot be read, `keys` which keys may stand and must, `values` what stands at a key, `references` what leads to an
environment, `environments` what Azure ML refuses of a definition that its loader takes.
"""

from envls.rules.cli_v2.environments import (
    build_with_conda_file,
    definition_image_without_tag,
    deprecated_definition_image,
    illegal_definition_name,
    image_or_build,
)
from envls.rules.cli_v2.keys import (
    conda_keys_in_definition,
    definition_key_without_effect,
    exclusive_definition_keys,
    missing_definition_key,
    unknown_definition_key,
)
from envls.rules.cli_v2.references import (
    curated_environment_without_registry,
    file_prefix_before_conda_file,
    missing_dockerfile,
    reference_where_a_path_must_be,
    unknown_reference,
)
from envls.rules.cli_v2.text import (
    not_yaml_in_definition,
    older_dialect_as_definition,
    repeated_definition_key,
    secret_in_definition,
    template_of_definition,
)
from envls.rules.cli_v2.values import version_that_changes, wrong_definition_value

__all__ = [
    "build_with_conda_file",
    "conda_keys_in_definition",
    "curated_environment_without_registry",
    "definition_image_without_tag",
    "definition_key_without_effect",
    "deprecated_definition_image",
    "exclusive_definition_keys",
    "file_prefix_before_conda_file",
    "illegal_definition_name",
    "image_or_build",
    "missing_definition_key",
    "missing_dockerfile",
    "not_yaml_in_definition",
    "older_dialect_as_definition",
    "reference_where_a_path_must_be",
    "repeated_definition_key",
    "secret_in_definition",
    "template_of_definition",
    "unknown_definition_key",
    "unknown_reference",
    "version_that_changes",
    "wrong_definition_value",
]
