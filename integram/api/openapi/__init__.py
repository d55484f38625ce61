"""The OpenAPI document of the REST calls: YAML files beside this one, a file a subject.

Their examples are real: the tests make each of these calls in the sample workspace and compare the answers.
"""
