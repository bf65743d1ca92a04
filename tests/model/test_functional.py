"""Masks and sampling filters."""

import math

import torch

from xiangqi_lm.model.functional import filter_top_p, masked_log_softmax, sharpen


def test_masked_log_softmax_is_softmax_over_the_legal_ones():
    logits = torch.tensor([[1.0, 2.0, 3.0, 9.0]])
    legal = torch.tensor([[True, False, True, False]])
    got = masked_log_softmax(logits, legal).exp()
    total = math.e + math.e**3
    torch.testing.assert_close(got, torch.tensor([[math.e / total, 0.0, math.e**3 / total, 0.0]]))


def test_top_p_keeps_the_smallest_set_that_reaches_it():
    p = torch.tensor([[0.1, 0.5, 0.15, 0.25]])
    torch.testing.assert_close(filter_top_p(p, 0.7), torch.tensor([[0.0, 2 / 3, 0.0, 1 / 3]]))
    torch.testing.assert_close(filter_top_p(p, 0.5), torch.tensor([[0.0, 1.0, 0.0, 0.0]]))
    torch.testing.assert_close(filter_top_p(p, 1.0), p)
    torch.testing.assert_close(filter_top_p(p, 0.01), torch.tensor([[0.0, 1.0, 0.0, 0.0]]))


def test_temperature():
    log_p = torch.tensor([[0.2, 0.8, 0.0]]).log()
    torch.testing.assert_close(sharpen(log_p, 1.0), torch.tensor([[0.2, 0.8, 0.0]]))
    torch.testing.assert_close(sharpen(log_p, 0.5), torch.tensor([[0.04, 0.64, 0.0]]) / 0.68)
    for tiny in (0.0, 1e-39, 1e-6):
        assert sharpen(log_p, tiny).tolist() == [[0.0, 1.0, 0.0]]
